"""When the light a scene needs is there: windows of a day from its sunrise and sunset."""

from __future__ import annotations

from xiepai.planning.shoot.values import ALWAYS, GOLDEN, LATEST, TWILIGHT, Day, Light, Place, Scene, Window


def needed(scene: Scene, place: Place) -> Light:
    """The light that counts: none inside, unless daylight shows in the picture."""
    return scene.light if scene.is_outside or place.uses_daylight else Light.ANY


def windows(light: Light, day: Day) -> tuple[Window, ...]:
    """When there is such light; a night runs on to the next dawn.

    >>> from datetime import date
    >>> windows(Light.NIGHT, Day(date(2026, 12, 1), sunrise=402, sunset=1016))
    (Window(start=0, end=372), Window(start=1046, end=1800))
    """
    if light is Light.DAY:
        return (Window(day.sunrise, day.sunset),)
    if light is Light.DAWN:
        return (Window(max(0, day.sunrise - TWILIGHT), day.sunrise + GOLDEN),)
    if light is Light.DUSK:
        return (Window(day.sunset - GOLDEN, day.sunset + TWILIGHT),)
    if light is Light.NIGHT:
        late = Window(day.sunset + TWILIGHT, min(LATEST, 1440 + day.sunrise - TWILIGHT))
        return (Window(0, day.sunrise - TWILIGHT), late) if day.sunrise > TWILIGHT else (late,)
    return ALWAYS
