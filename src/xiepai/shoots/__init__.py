"""Shooting plans: scripts broken down, plans solved and drawn, call sheets sent and wrapped.

Refuses: rules of its own about scripts or plans (they live in ``script`` and ``planning``), HTML, and any booking that
does not pass through the services of ``bookings``.
"""
