{{ stage_ees('lsc_skills') }}
