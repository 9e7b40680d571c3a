{{ stage_survey('active_people') }}
