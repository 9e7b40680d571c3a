{{ stage_return('defra_street_cleanliness', ['tranche']) }}
