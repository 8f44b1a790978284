-- An hour's price for comparing: the hour's own, or the day's shared out over its hours, whichever is less.
CASE WHEN t.is_free THEN 0
     ELSE least(t.hour_fen, (t.day_fen * 60 + t.day_limit_minutes - 1) / t.day_limit_minutes) END
