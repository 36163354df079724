-- The work of a register change is parted by permits, so that jobs of two origins wait for one permit.

SET LOCAL ROLE predig_owner;
SET LOCAL search_path = predig, public;

-- A filing or an amendment left it: the request judges the permit itself and ends it. A job that a change of the
-- register left is ended by its worker alone, since a request may have read the register before that change.
ALTER TABLE job ADD COLUMN of_request boolean NOT NULL DEFAULT false;
