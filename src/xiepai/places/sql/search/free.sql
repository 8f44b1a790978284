coalesce(p.start NOT IN (SELECT start FROM shut), true) AND NOT EXISTS (
  -- The wall's own rule (bookings_obstacle), for a booking with this place's buffers that overrides no blocking.
  -- One look into the index of "behind", wide enough for any buffer before a later booking (7 days is the most a
  -- place may ask), then the two exact tests; OFFSET 0 keeps the planner from scanning all bookings instead.
  SELECT 1 FROM places_cover c
  CROSS JOIN LATERAL (
    SELECT CASE WHEN c.leaf_id = p.id THEN p.capacity
                ELSE (SELECT l.capacity FROM places_place l WHERE l.id = c.leaf_id) END AS units
  ) whole
  WHERE c.place_id = p.id AND CASE WHEN whole.units = 1 THEN EXISTS (
    SELECT 1 FROM bookings_occupancy o
    WHERE NOT o.is_counted AND o.leaf_id = c.leaf_id
      AND o.behind && tstzrange(%(free_from)s - make_interval(mins => p.buffer_before_minutes),
                                %(free_to)s + make_interval(mins => greatest(p.buffer_after_minutes, 10080)))
      AND (o.behind && tstzrange(%(free_from)s, %(free_to)s + make_interval(mins => p.buffer_after_minutes))
           OR o.ahead && tstzrange(%(free_from)s - make_interval(mins => p.buffer_before_minutes), %(free_to)s))
  ) ELSE EXISTS (
    SELECT 1 FROM bookings_occupancy o
    WHERE o.is_counted AND o.leaf_id = c.leaf_id AND o.blocking_id IS NOT NULL
      AND o.behind && tstzrange(%(free_from)s, %(free_to)s
            + make_interval(mins => greatest(p.buffer_before_minutes, p.buffer_after_minutes)))
  ) OR bookings_peak_units(c.leaf_id, tstzrange(%(free_from)s, %(free_to)s
         + make_interval(mins => greatest(p.buffer_before_minutes, p.buffer_after_minutes))))
       + CASE WHEN c.leaf_id = p.id THEN %(units)s ELSE whole.units END > whole.units
  END OFFSET 0
)
