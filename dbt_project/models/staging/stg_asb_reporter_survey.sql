{{ stage_survey('asb_reporter_survey') }}
