"""Which build's tables stand in the warehouse: dbt makes them unlogged, so a server that ends badly empties them."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"

AT_HAND = """
create unlogged table ops.at_hand (
    build_id bigint primary key references ops.build on delete cascade
);
comment on table ops.at_hand is
'The build whose tables stand in the warehouse; none while one is being made, or once dbt has made something by hand. '
'Unlogged, as those tables are: when the server ends badly, PostgreSQL empties it with them.';

create view ops.build_at_hand as
select
    build.build_id,
    build.fingerprint,
    build.project,
    build.release_ids,
    build.gate_2_at,
    build.published_at
from ops.build as build
inner join ops.at_hand as here on build.build_id = here.build_id;
comment on view ops.build_at_hand is 'The finished build that can be judged, published, or built upon; or no row.';
"""


def upgrade() -> None:
    """Create both as the loader, who owns the schema."""
    op.execute("set local role nis_loader")
    op.execute(AT_HAND)
    op.execute("reset role")
