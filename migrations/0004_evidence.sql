-- +goose Up
-- +goose StatementBegin

-- What a row must know of its object to prove, without a key, that the store still holds what was put there; and the one question that the
-- sweep of orphans asks. The sweep acts for nobody, so row-level security would show it no row and it would delete everything: the keeper
-- answers for it, and only about objects that the asker can name.

set role binhan_owner;

alter table evidence
  add column object_version text not null default '',
  add column sealed_sha256 bytea not null,
  add constraint sealed_sha256_has_its_length check (length(sealed_sha256) = 32);

comment on column evidence.object_version is 'operational: version in the object store, empty where it keeps none';
comment on column evidence.sealed_sha256 is 'secret: SHA-256 of the sealed bytes in the store, to check them without a key';

set role binhan_keeper;

create function gate.named_objects(p_objects text[]) returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select e.object from public.evidence e where e.object = any (p_objects)
$$;
revoke execute on function gate.named_objects(text[]) from public;
grant execute on function gate.named_objects(text[]) to binhan_app;

reset role;
-- +goose StatementEnd
