{{ stage_ees('school_meals_and_sport') }}
