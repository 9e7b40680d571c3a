{{ stage_survey('lsc_employer_skills') }}
