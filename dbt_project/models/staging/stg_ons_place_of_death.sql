{{ stage_long('ons_place_of_death', ['calendar_year']) }}
