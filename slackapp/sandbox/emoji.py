"""The emoji of the sandbox: Slack's short names and what they look like. A name not here shows as :name:."""

EMOJI: dict[str, str] = {
    name: look
    for line in """
    +1 👍 | thumbsup 👍 | -1 👎 | clap 👏 | raised_hands 🙌 | pray 🙏 | muscle 💪 | handshake 🤝 | wave 👋
    ok_hand 👌 | point_up ☝️ | point_right 👉 | point_left 👈 | point_down 👇 | v ✌️ | crossed_fingers 🤞
    call_me_hand 🤙 | open_hands 👐 | palms_up_together 🤲 | writing_hand ✍️ | heart_hands 🫶 | eyes 👀
    heart ❤️ | orange_heart 🧡 | yellow_heart 💛 | green_heart 💚 | blue_heart 💙 | purple_heart 💜
    black_heart 🖤 | white_heart 🤍 | sparkling_heart 💖 | two_hearts 💕 | gift_heart 💝 | broken_heart 💔
    smile 😄 | smiley 😃 | grinning 😀 | slightly_smiling_face 🙂 | blush 😊 | relaxed ☺️ | wink 😉 | grin 😁
    laughing 😆 | joy 😂 | rolling_on_the_floor_laughing 🤣 | heart_eyes 😍 | star-struck 🤩 | hugging_face 🤗
    thinking_face 🤔 | face_with_monocle 🧐 | sunglasses 😎 | partying_face 🥳 | smiling_face_with_3_hearts 🥰
    sweat_smile 😅 | relieved 😌 | sleeping 😴 | cry 😢 | sob 😭 | disappointed 😞 | worried 😟 | confused 😕
    open_mouth 😮 | scream 😱 | exploding_head 🤯 | face_with_thermometer 🤒 | upside_down_face 🙃 | zany_face 🤪
    saluting_face 🫡 | melting_face 🫠 | face_holding_back_tears 🥹 | smiling_face_with_tear 🥲 | monkey_face 🐵
    tada 🎉 | confetti_ball 🎊 | balloon 🎈 | gift 🎁 | birthday 🎂 | cake 🍰 | trophy 🏆 | medal 🏅
    first_place_medal 🥇 | star ⭐ | star2 🌟 | sparkles ✨ | boom 💥 | fire 🔥 | zap ⚡ | rainbow 🌈 | sunny ☀️
    sunrise 🌅 | crescent_moon 🌙 | seedling 🌱 | herb 🌿 | four_leaf_clover 🍀 | deciduous_tree 🌳 | cactus 🌵
    tulip 🌷 | sunflower 🌻 | bouquet 💐 | cherry_blossom 🌸 | maple_leaf 🍁 | snowflake ❄️ | umbrella ☔
    ocean 🌊 | earth_africa 🌍 | earth_americas 🌎 | mountain ⛰️ | rocket 🚀 | airplane ✈️ | bike 🚲 | train 🚆
    palm_tree 🌴 | beach_with_umbrella 🏖️ | house 🏠 | house_with_garden 🏡 | tent ⛺ | hospital 🏥
    coffee ☕ | tea 🍵 | cookie 🍪 | doughnut 🍩 | pizza 🍕 | apple 🍎 | beers 🍻 | clinking_glasses 🥂
    bread 🍞 | avocado 🥑 | taco 🌮 | popcorn 🍿 | honey_pot 🍯 | ice_cream 🍨
    dog 🐶 | cat 🐱 | fox_face 🦊 | bear 🐻 | panda_face 🐼 | unicorn_face 🦄 | bee 🐝 | butterfly 🦋 | turtle 🐢
    octopus 🐙 | whale 🐳 | bird 🐦 | owl 🦉 | penguin 🐧 | otter 🦦 | sloth 🦥
    white_check_mark ✅ | heavy_check_mark ✔️ | ballot_box_with_check ☑️ | x ❌ | warning ⚠️ | question ❓
    exclamation ❗ | bulb 💡 | mag 🔍 | lock 🔒 | unlock 🔓 | key 🔑 | bell 🔔 | no_bell 🔕 | mega 📣
    speech_balloon 💬 | thought_balloon 💭 | memo 📝 | pencil2 ✏️ | book 📖 | books 📚 | bookmark 🔖 | pushpin 📌
    calendar 📆 | date 📅 | clock1 🕐 | hourglass ⌛ | hourglass_flowing_sand ⏳ | stopwatch ⏱️ | alarm_clock ⏰
    chart_with_upwards_trend 📈 | bar_chart 📊 | hammer_and_wrench 🛠️ | wrench 🔧 | gear ⚙️ | toolbox 🧰
    computer 💻 | phone ☎️ | email 📧 | incoming_envelope 📨 | envelope ✉️ | package 📦 | link 🔗 | art 🎨
    musical_note 🎵 | guitar 🎸 | microphone 🎤 | headphones 🎧 | dart 🎯 | jigsaw 🧩 | game_die 🎲 | soccer ⚽
    ring_buoy 🛟 | compass 🧭 | ladder 🪜 | bridge_at_night 🌉 | lotus_position 🧘 | runner 🏃 | dancer 💃
    people_hugging 🫂 | busts_in_silhouette 👥 | bust_in_silhouette 👤 | family 👪 | raising_hand 🙋 | bow 🙇
    arrows_counterclockwise 🔄 | arrow_right ➡️ | arrow_left ⬅️ | left_right_arrow ↔️ | scales ⚖️ | infinity ♾️
    large_green_circle 🟢 | large_yellow_circle 🟡 | red_circle 🔴 | large_blue_circle 🔵 | white_circle ⚪
    black_circle ⚫ | large_purple_circle 🟣 | large_orange_circle 🟠 | large_green_square 🟩 | small_orange_diamond 🔸
    large_yellow_square 🟨 | large_red_square 🟥 | large_blue_square 🟦 | white_large_square ⬜
    black_large_square ⬛ | white_small_square ▫️ | black_small_square ▪️ | small_blue_diamond 🔹 | 100 💯
    wilted_flower 🥀 | speak_no_evil 🙊 | see_no_evil 🙈 | skull 💀 | ghost 👻 | robot_face 🤖 | crown 👑
    gem 💎 | moneybag 💰 | ship 🚢 | construction 🚧 | rotating_light 🚨 | traffic_light 🚦 | recycle ♻️
    """.strip().splitlines()
    for name, look in (pair.split() for pair in line.split(" | "))
}
