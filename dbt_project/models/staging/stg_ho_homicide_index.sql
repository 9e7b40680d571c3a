{{ stage_ho_force('ho_homicide_index') }}
