{{ stage_survey('third_sector_survey') }}
