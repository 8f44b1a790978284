"""Every deed that changes a place, its calendar, prices, pictures, contacts and the office's word lists."""

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
from xiepai.places.services.tariffs import Extra, add_extra, publish_tariff, remove_extra, withdraw_tariff
from xiepai.places.services.vocabulary import add_term, rename_term, restore_term, retire_term

__all__ = [
    "Extra",
    "add_extra",
    "add_term",
    "create_place",
    "move_place",
    "publish_place",
    "publish_tariff",
    "remove_extra",
    "rename_term",
    "restore_term",
    "retire_place",
    "retire_term",
    "submit_place",
    "unpublish_place",
    "update_place",
    "verify_place",
    "withdraw_tariff",
]
