{{ item_measures(staging_of_cells('local_authority')) }}
