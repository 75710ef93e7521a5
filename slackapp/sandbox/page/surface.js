import { session } from './session.js';
import { toastError } from './toast.js';

/** Where blocks live: their form, and how a press or a choice in them reaches the app. */
export function surface(kind, container, form, currentBlocks, onTrouble = toastError) {
  return {
    kind,
    form,
    async act(blockId, element, action) {
      const state = { values: form.values(currentBlocks()) };
      try {
        await session.api.post('action', { container, block_id: blockId, action_id: element.action_id, action, state });
      } catch (error) {
        onTrouble(error);
      }
    },
  };
}
