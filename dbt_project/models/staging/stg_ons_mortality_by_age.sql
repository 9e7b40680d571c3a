{{ stage_long('ons_mortality_by_age', ['calendar_year']) }}
