"""Every deed that changes a place, its calendar, prices, pictures, contacts and the office's word lists."""

from xiepai.places.services.calendar import add_blocking, lift_blocking, set_closed_days, set_opening_rules
from xiepai.places.services.contacts import add_contact, lock_fields, remove_contact, update_contact
from xiepai.places.services.dividing import Divided, Joined, Part, combine_places, set_parts, split_place
from xiepai.places.services.photos import add_photo, caption_photo, remove_photo, reorder_photos
from xiepai.places.services.place import (
    create_place,
    move_place,
    publish_place,
    retire_place,
    submit_place,
    unpublish_place,
    update_place,
    verify_place,
)
from xiepai.places.services.selections import (
    add_to_selection,
    create_selection,
    delete_selection,
    move_in_selection,
    note_place,
    remove_from_selection,
    rename_selection,
    share_selection,
    stop_sharing,
)
from xiepai.places.services.tariffs import Extra, add_extra, publish_tariff, remove_extra, withdraw_tariff
from xiepai.places.services.vocabulary import add_term, rename_term, restore_term, retire_term

__all__ = [
    "Divided",
    "Extra",
    "Joined",
    "Part",
    "add_blocking",
    "add_contact",
    "add_extra",
    "add_photo",
    "add_term",
    "add_to_selection",
    "caption_photo",
    "combine_places",
    "create_place",
    "create_selection",
    "delete_selection",
    "lift_blocking",
    "lock_fields",
    "move_in_selection",
    "move_place",
    "note_place",
    "publish_place",
    "publish_tariff",
    "remove_contact",
    "remove_extra",
    "remove_from_selection",
    "remove_photo",
    "rename_selection",
    "rename_term",
    "reorder_photos",
    "restore_term",
    "retire_place",
    "retire_term",
    "set_closed_days",
    "set_opening_rules",
    "set_parts",
    "share_selection",
    "split_place",
    "stop_sharing",
    "submit_place",
    "unpublish_place",
    "update_contact",
    "update_place",
    "verify_place",
    "withdraw_tariff",
]
