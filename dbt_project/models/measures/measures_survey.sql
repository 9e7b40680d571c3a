{{ item_measures(staging_of_cells('survey')) }}
