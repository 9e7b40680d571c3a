{{ stage_survey('tellus') }}
