-- +goose Up
-- +goose StatementBegin

-- What a row must know of its object to find out, without a key, that the store lost a bit; a commitment to the file itself, which tells nobody
-- what the file is and lets its holder prove that it is the one that was attached; and the one question that the sweep of orphans asks. The sweep acts for nobody, so row-level security would show it no row and it would delete everything: the keeper
-- answers for it, and only about objects that the asker can name.

set role binhan_owner;

alter table evidence
  add column object_version text not null default '',
  add column sealed_crc32c bigint not null,
  add column commitment bytea not null,
  add constraint checksum_has_32_bits check (sealed_crc32c between 0 and 4294967295),
  add constraint commitment_has_its_length check (length(commitment) = 32);

comment on column evidence.object_version is 'operational: version in the object store, empty where it keeps none';
comment on column evidence.sealed_crc32c is 'operational: CRC-32C of the sealed bytes, as the object store tells it';
comment on column evidence.commitment is 'secret: SHA-256 of a random number and the SHA-256 of the file; the number lies in the details';

set role binhan_keeper;

create function gate.named_objects(p_objects text[]) returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select e.object from public.evidence e where e.object = any (p_objects)
$$;
revoke execute on function gate.named_objects(text[]) from public;
grant execute on function gate.named_objects(text[]) to binhan_app;

reset role;
-- +goose StatementEnd
