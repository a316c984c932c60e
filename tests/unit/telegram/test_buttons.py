"""What stands behind a button is short, signed for one chat, and means what was put in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.interfaces.telegram.callbacks import MAX_BYTES, Action, Button, ButtonForged, button_data, read_button

BUTTONS = st.builds(
    Button, action=st.sampled_from(Action), subject=st.uuids(), number=st.integers(min_value=0, max_value=999)
)
CHATS = st.integers(min_value=-(2**52), max_value=2**52)


@given(BUTTONS, CHATS)
def test_a_button_is_read_as_it_was_made(button: Button, chat_id: int) -> None:
    data = button_data(button, chat_id=chat_id)

    assert len(data.encode()) <= MAX_BYTES
    assert read_button(data, chat_id=chat_id) == button


@given(BUTTONS, CHATS, CHATS)
def test_a_button_of_another_chat_is_forged(button: Button, chat_id: int, other: int) -> None:
    if chat_id == other:
        other += 1

    with pytest.raises(ButtonForged):
        read_button(button_data(button, chat_id=chat_id), chat_id=other)


@given(BUTTONS, CHATS, st.integers(min_value=0), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_changed_button_is_forged(button: Button, chat_id: int, place: int, letter: str) -> None:
    data = button_data(button, chat_id=chat_id)
    at = place % len(data)
    changed = data[:at] + letter + data[at + 1 :]
    if changed == data:
        changed += letter

    with pytest.raises(ButtonForged):
        read_button(changed, chat_id=chat_id)


@given(st.text(max_size=64))
def test_any_text_is_forged_rather_than_an_accident(data: str) -> None:
    with pytest.raises(ButtonForged):
        read_button(data, chat_id=1)
