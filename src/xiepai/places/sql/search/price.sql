-- An hour's price for comparing: the hour's own, or the day's shared out over its hours, whichever is less.
(SELECT CASE WHEN t.is_free THEN 0
             ELSE least(t.hour_fen, (t.day_fen * 60 + t.day_limit_minutes - 1) / t.day_limit_minutes) END
 FROM places_tariff t
 WHERE t.place_id = p.id AND t.valid_from <= %(day)s AND (t.valid_to IS NULL OR t.valid_to > %(day)s) LIMIT 1)
