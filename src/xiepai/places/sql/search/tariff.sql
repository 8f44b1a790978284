LEFT JOIN places_tariff t
    ON t.place_id = p.id AND t.valid_from <= %(day)s AND (t.valid_to IS NULL OR t.valid_to > %(day)s)
