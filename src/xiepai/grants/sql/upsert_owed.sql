-- What changed goes in, in one order always, so that two evaluations never wait for each other in a ring.

INSERT INTO grants_entitlement (version_id, computed_at, work_id, organisation_id, measure, low_fen, high_fen, state,
  is_proven, is_excluded, missing, next_fact, explanation, digest)
SELECT %s, %s, work_id, organisation_id, measure, low_fen, high_fen, state, is_proven, is_excluded, missing, next_fact,
  explanation, digest
FROM owed_now ORDER BY {target}, measure
ON CONFLICT (version_id, {target}, measure) WHERE {condition} DO UPDATE SET
  computed_at = EXCLUDED.computed_at, organisation_id = EXCLUDED.organisation_id, low_fen = EXCLUDED.low_fen,
  high_fen = EXCLUDED.high_fen, state = EXCLUDED.state, is_proven = EXCLUDED.is_proven,
  is_excluded = EXCLUDED.is_excluded, missing = EXCLUDED.missing, next_fact = EXCLUDED.next_fact,
  explanation = EXCLUDED.explanation, digest = EXCLUDED.digest
