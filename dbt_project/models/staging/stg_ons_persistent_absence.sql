{{ stage_els('ons_persistent_absence', 'Persistent absences for all pupils', 'iso_interval') }}
