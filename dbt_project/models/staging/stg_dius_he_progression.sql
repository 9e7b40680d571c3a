{{ stage_ees('dius_he_progression') }}
