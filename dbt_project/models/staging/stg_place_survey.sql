{{ stage_survey('place_survey') }}
