"""Jobs of the grants: what follows a change of facts, and the evaluation of everybody at night."""
