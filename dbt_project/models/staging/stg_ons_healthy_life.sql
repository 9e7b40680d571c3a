{{ stage_long('ons_healthy_life', ['calendar_year']) }}
