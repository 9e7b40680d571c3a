{{ stage_ees('school_travel') }}
