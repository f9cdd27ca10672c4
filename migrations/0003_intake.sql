-- +goose Up
-- +goose StatementBegin

-- What an import has taken, so that a killed import goes on where it stopped and a second run takes nothing. A row of a register is known by a
-- token that only the key ring can make: the table does not tell what stood in the row, nor which case it became.

set role binhan_owner;

create table import_rows (
  mapping text not null,
  token bytea not null,
  imported_by uuid not null references auth.users (id),
  at timestamptz not null default now(),
  constraint register_row_is_taken_once primary key (mapping, token)
);

alter table import_rows enable row level security;
alter table import_rows force row level security;
create policy of_importers on import_rows to binhan_app
  using ((select auth.user_id()) is not null)
  with check (imported_by = (select auth.user_id()));
grant select, insert on import_rows to binhan_app;

comment on column import_rows.mapping is 'operational: name of the mapping';
comment on column import_rows.token is 'operational: token of the row, made by the key ring';
comment on column import_rows.imported_by is 'operational: who imported it';
comment on column import_rows.at is 'operational: when';

reset role;
-- +goose StatementEnd
