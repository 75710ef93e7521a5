"""Signed links to pictures, which are good for a day: Slack fetches them without saying who it is."""

from itsdangerous import BadData, URLSafeTimedSerializer

GOOD_FOR = 24 * 3600  # seconds
_SALT = "mutual picture"


class Links:
    """`address`: the public one, as in https://mutual.example.com."""

    def __init__(self, secrets: list[str], address: str) -> None:
        # The last key signs, and all are accepted, so that keys can be changed.
        self._signer = URLSafeTimedSerializer([*reversed(secrets)], salt=_SALT)
        self._address = address.rstrip("/")

    def to(self, workspace_id: str, picture_id: str) -> str:
        return f"{self._address}/charts/{self._signer.dumps([workspace_id, picture_id])}.png"

    def read(self, token: str, *, good_for: int = GOOD_FOR) -> tuple[str, str] | None:
        """(workspace, picture), or None for a link that was forged, cut or has expired."""
        try:
            workspace_id, picture_id = self._signer.loads(token.removesuffix(".png"), max_age=good_for)
        except (BadData, ValueError, TypeError):
            return None
        return str(workspace_id), str(picture_id)
