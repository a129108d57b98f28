---@meta
-- The API of Muster's plugins, level 1. Written by 'muster plugin definitions' from the table that registers it;
-- not to be edited.

--- About a resource.
---@class muster.Meta
---@field resourceType? string RFC 7643 §3.1.
---@field created? string RFC 7643 §3.1.
---@field lastModified? string RFC 7643 §3.1.
---@field location? string RFC 7643 §3.1.
---@field version? string RFC 7643 §3.1.

--- The user's manager, who is often another user.
---@class muster.EnterpriseUser.manager
---@field value? string Identifier of the manager.
---@field ["$ref"]? string URL of the manager.
---@field displayName? string Name of the manager.

--- User of an organization.
---@class muster.EnterpriseUser
---@field employeeNumber? string Number or code that the organization gave to the person.
---@field costCenter? string Name of a cost center.
---@field organization? string Name of an organization.
---@field division? string Name of a division.
---@field department? string Name of a department.
---@field manager? muster.EnterpriseUser.manager The user's manager, who is often another user.
---@field [string] any Attributes of the site's own schemas.

--- Parts of the user's real name.
---@class muster.User.name
---@field formatted? string Whole name, ready to show.
---@field familyName? string Last name.
---@field givenName? string First name.
---@field middleName? string Middle names.
---@field honorificPrefix? string Title in front of the name, such as Dr..
---@field honorificSuffix? string Suffix behind the name, such as III.

--- Email addresses.
---@class muster.User.emails
---@field value? string Email address.
---@field display? string Text to show for the value.
---@field type? string What the value is for.
---@field primary? boolean Whether it is the preferred value; at most one is.

--- Telephone numbers.
---@class muster.User.phoneNumbers
---@field value? string Telephone number, best as an RFC 3966 URI.
---@field display? string Text to show for the value.
---@field type? string What the value is for.
---@field primary? boolean Whether it is the preferred value; at most one is.

--- Instant messaging addresses.
---@class muster.User.ims
---@field value? string Instant messaging address.
---@field display? string Text to show for the value.
---@field type? string What the value is for.
---@field primary? boolean Whether it is the preferred value; at most one is.

--- Pictures of the user.
---@class muster.User.photos
---@field value? string URL of a picture.
---@field display? string Text to show for the value.
---@field type? string What the value is for.
---@field primary? boolean Whether it is the preferred value; at most one is.

--- Postal addresses.
---@class muster.User.addresses
---@field formatted? string Whole address, ready to show or print.
---@field streetAddress? string Street, house number, post office box.
---@field locality? string City.
---@field region? string State or region.
---@field postalCode? string Postal code.
---@field country? string Country as two letters (ISO 3166-1).
---@field type? string What the address is for.
---@field primary? boolean Whether it is the preferred address; at most one is.

--- Groups to which the user belongs; changed through the groups themselves.
---@class muster.User.groups
---@field value? string Identifier of the group.
---@field ["$ref"]? string URL of the group.
---@field display? string Name of the group.
---@field type? string Whether the user is a member itself or through another group.

--- Things to which the user is entitled.
---@class muster.User.entitlements
---@field value? string Entitlement.
---@field display? string Text to show for the value.
---@field type? string What the value is for.
---@field primary? boolean Whether it is the preferred value; at most one is.

--- Roles of the user.
---@class muster.User.roles
---@field value? string Role.
---@field display? string Text to show for the value.
---@field type? string What the value is for.
---@field primary? boolean Whether it is the preferred value; at most one is.

--- Certificates of the user.
---@class muster.User.x509Certificates
---@field value? string DER-encoded X.509 certificate in base64.
---@field display? string Text to show for the value.
---@field type? string What the value is for.
---@field primary? boolean Whether it is the preferred value; at most one is.

--- User account.
---@class muster.User
---@field id string Given by the server.
---@field externalId? string Given by the client.
---@field schemas string[] The URNs of its schemas.
---@field meta muster.Meta About the resource itself.
---@field ["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]? muster.EnterpriseUser The enterprise extension.
---@field userName string Name with which the user signs in, unique without regard to case.
---@field name? muster.User.name Parts of the user's real name.
---@field displayName? string Name to show to others.
---@field nickName? string Casual name.
---@field profileUrl? string URL of a page about the user.
---@field title? string Job title.
---@field userType? string Relation to the organization, such as Employee or Contractor.
---@field preferredLanguage? string Preferred languages, as in the Accept-Language header.
---@field locale? string Locale for dates, numbers and currency, such as en-US.
---@field timezone? string Time zone by its IANA name, such as America/Los_Angeles.
---@field active? boolean Whether the user may sign in.
---@field password? string Password in clear text; it is never returned.
---@field emails? muster.User.emails[] Email addresses.
---@field phoneNumbers? muster.User.phoneNumbers[] Telephone numbers.
---@field ims? muster.User.ims[] Instant messaging addresses.
---@field photos? muster.User.photos[] Pictures of the user.
---@field addresses? muster.User.addresses[] Postal addresses.
---@field groups? muster.User.groups[] Groups to which the user belongs; changed through the groups themselves.
---@field entitlements? muster.User.entitlements[] Things to which the user is entitled.
---@field roles? muster.User.roles[] Roles of the user.
---@field x509Certificates? muster.User.x509Certificates[] Certificates of the user.
---@field [string] any Attributes of the site's own schemas.

--- Users and groups that belong to the group.
---@class muster.Group.members
---@field value? string Identifier of the member.
---@field ["$ref"]? string URL of the member.
---@field type? string Resource type of the member.
---@field display? string Name of the member, kept by the service provider.

--- Group.
---@class muster.Group
---@field id string Given by the server.
---@field externalId? string Given by the client.
---@field schemas string[] The URNs of its schemas.
---@field meta muster.Meta About the resource itself.
---@field displayName string Name to show.
---@field members? muster.Group.members[] Users and groups that belong to the group.
---@field [string] any Attributes of the site's own schemas.

---@alias muster.HookName "mapUser"|"checkUser"|"mapGroup"|"checkGroup"|"mapResource"|"checkResource"|"onRequest"|"onConflict"|"onRead"|"onCreate"|"onUpdate"|"onActivate"|"onDeactivate"|"onDelete"|"onManagerChange"|"onGroupAdd"|"onGroupRemove"|"onGroupCreate"|"onGroupUpdate"|"onGroupDelete"|"onSchedule"|"mapOutbound"|"onProvisioned"|"onProvisionFailed"

--- What goes with a request.
---@class muster.HTTPOptions
---@field headers? table<string, string> By their names, at most 50.
---@field body? string At most 1 MiB.
---@field json? any A value that becomes the body; not together with body.
---@field timeout? number Seconds; 10 where it is left out, at most 30, before the commit 2.

--- A request.
---@class muster.HTTPRequest
---@field url string Absolute; `https` or `http`.
---@field method? string GET where it is left out.
---@field headers? table<string, string> By their names, at most 50.
---@field body? string At most 1 MiB.
---@field json? any A value that becomes the body; not together with body.
---@field timeout? number Seconds; 10 where it is left out, at most 30, before the commit 2.

--- A mail. An address is `ada@example.com` or `Ada Lovelace <ada@example.com>`.
---@class muster.Mail
---@field to string|string[] Whom it is meant for; with `cc` and `bcc` at most 50.
---@field subject string In one line of at most 900 bytes.
---@field text string The text; with `html` at most 1 MiB.
---@field html? string The same as HTML, for those who read it so.
---@field from? string From whom it comes; `mail.from` of the server's configuration where it is left out.
---@field reply_to? string Whom an answer goes to.
---@field cc? string|string[] Who gets a copy.
---@field bcc? string|string[] Who gets a copy of which the others do not know.
---@field headers? table<string, string> Further headers, at most 20; none that a mail has anyway, such as `From` or `Content-Type`.

--- A mail that was handed over.
---@class muster.MailReceipt
---@field message_id string Its `Message-ID`, in angle brackets.

--- What a server answered.
---@class muster.HTTPReply
---@field status integer The status; every status is an answer, not an error.
---@field headers table<string, string> By their names in lower case.
---@field body string At most 1 MiB.
---@field retryAfter? integer Seconds, where the server asks to wait by `Retry-After`, in seconds or by date.
---@field decode fun(): any Reads the body as JSON: `reply.decode()`.

--- How a value is kept.
---@class muster.KVOptions
---@field ttl? number For so many seconds; for ever where it is left out.

--- Which page of a search.
---@class muster.FindOptions
---@field startIndex? integer From 1.
---@field count? integer From 0 to 200; 100 where it is left out.

--- Which part of the changes.
---@class muster.ChangesOptions
---@field after? integer The cursor of an earlier call; from the oldest change that is kept where it is left out.
---@field limit? integer From 1 to 500; 100 where it is left out.

--- A change as it was committed.
---@class muster.RecordedChange
---@field number integer Grows with every commit.
---@field id string A UUID.
---@field time string When it was committed.
---@field operation "create"|"replace"|"patch"|"delete" What was asked for.
---@field actor string The token's name, or who else asked.
---@field request string The request's id.
---@field resource { type: string, id: string } What the request named.
---@field changes table<string, muster.Change> By the attribute's path.
---@field events table[] What followed: `id`, `type` (the hook's name), `subject` and, for members, `group`.

--- What has happened.
---@class muster.Event
---@field id string Stays the same over all attempts.
---@field idempotencyKey string The id with the plugin's name, for what knows no header: `muster.http` sends it with the call's number.
---@field type string The hook's name.
---@field time string When it was committed.
---@field attempt integer From 1.
---@field key string What it is about, as `User/ID`: events of one key come in their order.

--- The request that is answered.
---@class muster.Request
---@field id string As in the log.
---@field client string The token's name, or who else asked.
---@field method string In capitals.
---@field path string Below the base URL, such as `/Users/42`.
---@field tenant string Whose directory.

--- Where it comes from, once the request is over or where there was none.
---@class muster.Origin
---@field id string As in the log.
---@field client string The token's name, or who else asked.
---@field tenant string Whose directory.

--- One attribute's change.
---@class muster.Change
---@field from? any nil where there was nothing.
---@field to? any nil where nothing is left.

--- A request before it is understood.
---@class muster.RawRequest
---@field id string As in the log.
---@field client string The token's name.
---@field tenant string Whose directory.
---@field method string In capitals. May be changed.
---@field path string Below the base URL, such as `/Users/42`; percent-encoded. May be changed.
---@field query? string Without the question mark; percent-encoded. May be changed.
---@field headers table<string, string> By their names in lower case, without those that carry credentials.
---@field body? string As it was sent. May be changed.
---@field json? any The body as a value, nil where it is no JSON. May be changed, in place too; then it is sent on.

--- A value that another resource has.
---@class muster.Conflict
---@field path string The attribute, such as `userName`.
---@field value? any What the change wants there.
---@field attempt integer How many values were found to be taken so far, this one included: from 1 to 10.

--- Ids of the managers.
---@class muster.Manager
---@field old? string Who it was.
---@field new? string Who it is now.

--- A member as it stands in a group.
---@class muster.Member
---@field value string The id.
---@field type "User"|"Group" The resource type.
---@field display? string The displayName or userName.

--- Ids of members that come and go.
---@class muster.MemberChanges
---@field added string[] Those who come.
---@field removed string[] Those who go.

--- Changes memberships of the user in the same transaction.
---@class muster.Memberships
---@field add fun(group: string) Adds the user to a group, by its id or displayName: `ctx.groups.add("Sales")`.
---@field remove fun(group: string) Takes the user out of a group.

--- Why there was nothing to do.
---@class muster.Skip
---@field reason? string For the log.

--- The SCIM error that the client gets (RFC 7644 §3.12).
---@class muster.Reject
---@field status? integer From 400 to 599; 400 where it is left out.
---@field scimType? string Such as `invalidValue`.
---@field detail? string For the client.
---@field reason? string For the log only; in `mapOutbound` for the operator.

--- When to come again.
---@class muster.Retry
---@field after? number Seconds; growing waits where it is left out.
---@field reason? string Shown in `muster deliveries list`.

--- Why it gave up.
---@class muster.Fail
---@field reason? string Shown in `muster deliveries list`.

--- How a hook ended.
---@class muster.Run
---@field outcome "done"|"skip"|"reject"|"retry"|"fail" Its outcome.
---@field user? muster.User As a map hook left it.
---@field group? muster.Group As a map hook left it.
---@field groups? {op: "add"|"remove", group: string}[] What a map hook did by `ctx.groups`.
---@field reason? string As the hook gave it.
---@field after? number As the hook gave it.
---@field status? integer As the hook gave it.
---@field scimType? string As the hook gave it.
---@field detail? string As the hook gave it.

--- A made-up answer.
---@class muster.StubReply
---@field status? integer 200 where it is left out.
---@field headers? table<string, string> By name.
---@field body? string As it is.
---@field json? any A value that becomes the body.
---@field latency? number By how many seconds the clock goes on before it comes.
---@field failure? string No answer, but this problem with the connection.
---@field silent? boolean No answer within the request's time.

--- Which requests a stub answers.
---@class muster.StubMatching
---@field json? any What the body holds, compared key by key.
---@field body? string A text that the body holds.
---@field headers? table<string, string> Headers that are there.
---@field once? boolean Only the first of them.
---@field times? integer Only so many.

--- A request that a hook made.
---@class muster.Call
---@field method string In upper case.
---@field url string The address.
---@field headers table<string, string> By their names in lower case.
---@field body string As it was sent.
---@field json? any The body, where it is JSON.

--- A mail that a hook sent. Addresses are as they were given: `Ada <ada@example.com>`.
---@class muster.SentMail
---@field message_id string In angle brackets.
---@field from string From whom it comes.
---@field reply_to? string Whom an answer goes to.
---@field to string[] Whom it is meant for.
---@field cc string[] Who gets a copy.
---@field bcc string[] Who gets a copy unseen.
---@field subject string The subject.
---@field text string The text.
---@field html? string The text as HTML.
---@field headers table<string, string> Further headers, by their names in lower case.

--- What was logged.
---@class muster.Logs
---@field debug {message: string, fields: table<string, string>}[] Lines at the level debug.
---@field info {message: string, fields: table<string, string>}[] Lines at the level info.
---@field warn {message: string, fields: table<string, string>}[] Lines at the level warn.
---@field error {message: string, fields: table<string, string>}[] Lines at the level error.

--- What a world is like.
---@class muster.WorldOptions
---@field client? "onelogin"|"okta"|"entra"|"rfc" Who drives it; `rfc` where it is left out.
---@field config? table<string, any> The plugin's settings; those of `test.config` where they are left out.
---@field plugins? string[]|table<string, table> Plugins that run beside this one, by name, or by name with settings.
---@field secrets? table<string, string> Secrets of those.
---@field dialect? string How messages are read; `auto` where it is left out.
---@field template? "enterprise"|"core"|"legacy" OneLogin: its template.
---@field integration? "oin"|"aiw" Okta: from its catalogue, or made with its wizard.
---@field aadOptscim062020? boolean Entra ID: whether the flag is set.

--- A request as it goes over the wire.
---@class muster.WorldRequest
---@field method? string GET where it is left out.
---@field path string Below the base URL, encoded.
---@field headers? table<string, string> By name.
---@field body? string As it is.
---@field json? any A value that becomes the body.

--- What the server answered.
---@class muster.WorldAnswer
---@field status integer The HTTP status.
---@field headers table<string, string> By their names in lower case.
---@field body string As it is.
---@field json? any The body, where it is JSON.

--- What a client is told whose request is refused.
---@class muster.Refusal
---@field status integer The HTTP status.
---@field scimType? string The keyword.
---@field detail string What is wrong.
---@field request string Method and path.
---@field text string All of it in one line.
---@field failure? string The plugin's error, where that is why.

--- A request of a client, with its answer.
---@class muster.Exchange
---@field client string Who sent it.
---@field method string In upper case.
---@field path string Below the base URL, with the query, encoded as the client does.
---@field headers table<string, string> By name.
---@field body string As it was sent.
---@field json? any The body, where it is JSON.
---@field status integer The answer's HTTP status.
---@field answer muster.WorldAnswer The answer.

--- What became of deliveries.
---@class muster.Settlement
---@field delivered integer How many were handled.
---@field set_aside integer How many were given up.
---@field seconds number How much time passed in the world.

--- One event on its way to one plugin.
---@class muster.WorldDelivery
---@field id integer Grows with time.
---@field hook string The hook that hears of it.
---@field subscriber string Such as `plugin:welcome-mail`.
---@field plugin? string The plugin.
---@field state "blocked"|"ready"|"leased"|"delivered"|"setAside"|"dropped" How it stands.
---@field attempts integer So far.
---@field event string The event's id.
---@field subject {type: string, id: string} Whom it is about.
---@field error? string What the last attempt that failed said.

--- Something that happened in the directory.
---@class muster.WorldEvent
---@field id string The event's id.
---@field hook string The hook that hears of it.
---@field client string Who caused it.
---@field depth integer How many hooks stand between it and a client.
---@field subject {type: string, id: string} Whom it is about.
---@field group? string For membership: the group's id.
---@field manager? {old: string?, new: string?} For a manager's change: their ids.
---@field changes table<string, {from: any, to: any}> What changed, by path.

--- The operations of a client, as those of a world.
---@class muster.WorldClient

--- A change of a user before the commit, to be shaped.
---@class muster.UserChange
---@field user muster.User Change it in place.
---@field operation "create"|"replace"|"patch"|"delete" What the client asked for.
---@field before? muster.User As it is stored; nil on create.
---@field changes table<string, muster.Change> What differs, by path: `ctx.changes["name.familyName"]`.
---@field request muster.Request Who asked, and how.
---@field config table<string, any> The site's settings, with the defaults.
---@field groups muster.Memberships Memberships, in the same transaction.
---@field skip fun(given?: string|muster.Skip) Ends the hook: there was nothing to do. In `mapOutbound` the person is left at the target as they are there.
---@field reject fun(given?: string|muster.Reject) Ends the hook and refuses the change; in `mapOutbound` the person, whose plan fails with the reason.

--- A change of a user before the commit, to be agreed to.
---@class muster.UserCheck
---@field user muster.User As it will be stored; on delete, as it is stored. Changing this copy has no effect.
---@field operation "create"|"replace"|"patch"|"delete" What the client asked for.
---@field before? muster.User As it is stored; nil on create.
---@field changes table<string, muster.Change> What differs, by path: `ctx.changes["name.familyName"]`.
---@field request muster.Request Who asked, and how.
---@field config table<string, any> The site's settings, with the defaults.
---@field skip fun(given?: string|muster.Skip) Ends the hook: there was nothing to do. In `mapOutbound` the person is left at the target as they are there.
---@field reject fun(given?: string|muster.Reject) Ends the hook and refuses the change; in `mapOutbound` the person, whose plan fails with the reason.

--- A change of a group before the commit, to be shaped.
---@class muster.GroupChange
---@field group muster.Group Change it in place.
---@field operation "create"|"replace"|"patch"|"delete" What the client asked for.
---@field before? muster.Group As it is stored; nil on create.
---@field changes table<string, muster.Change> What differs, by path: `ctx.changes["name.familyName"]`.
---@field request muster.Request Who asked, and how.
---@field config table<string, any> The site's settings, with the defaults.
---@field members muster.MemberChanges Who comes and goes.
---@field skip fun(given?: string|muster.Skip) Ends the hook: there was nothing to do. In `mapOutbound` the person is left at the target as they are there.
---@field reject fun(given?: string|muster.Reject) Ends the hook and refuses the change; in `mapOutbound` the person, whose plan fails with the reason.

--- A change of a group before the commit, to be agreed to.
---@class muster.GroupCheck
---@field group muster.Group As it will be stored. Changing this copy has no effect.
---@field operation "create"|"replace"|"patch"|"delete" What the client asked for.
---@field before? muster.Group As it is stored; nil on create.
---@field changes table<string, muster.Change> What differs, by path: `ctx.changes["name.familyName"]`.
---@field request muster.Request Who asked, and how.
---@field config table<string, any> The site's settings, with the defaults.
---@field members muster.MemberChanges Who comes and goes.
---@field skip fun(given?: string|muster.Skip) Ends the hook: there was nothing to do. In `mapOutbound` the person is left at the target as they are there.
---@field reject fun(given?: string|muster.Reject) Ends the hook and refuses the change; in `mapOutbound` the person, whose plan fails with the reason.

--- A change of a resource of a type of the site's own before the commit, to be shaped.
---@class muster.ResourceChange
---@field resource table<string, any> Change it in place.
---@field resourceType string The name of its type, such as `Device`.
---@field operation "create"|"replace"|"patch"|"delete" What the client asked for.
---@field before? table<string, any> As it is stored; nil on create.
---@field changes table<string, muster.Change> What differs, by path: `ctx.changes["name.familyName"]`.
---@field request muster.Request Who asked, and how.
---@field config table<string, any> The site's settings, with the defaults.
---@field skip fun(given?: string|muster.Skip) Ends the hook: there was nothing to do. In `mapOutbound` the person is left at the target as they are there.
---@field reject fun(given?: string|muster.Reject) Ends the hook and refuses the change; in `mapOutbound` the person, whose plan fails with the reason.

--- A change of a resource of a type of the site's own before the commit, to be agreed to.
---@class muster.ResourceCheck
---@field resource table<string, any> As it will be stored. Changing this copy has no effect.
---@field resourceType string The name of its type, such as `Device`.
---@field operation "create"|"replace"|"patch"|"delete" What the client asked for.
---@field before? table<string, any> As it is stored; nil on create.
---@field changes table<string, muster.Change> What differs, by path: `ctx.changes["name.familyName"]`.
---@field request muster.Request Who asked, and how.
---@field config table<string, any> The site's settings, with the defaults.
---@field skip fun(given?: string|muster.Skip) Ends the hook: there was nothing to do. In `mapOutbound` the person is left at the target as they are there.
---@field reject fun(given?: string|muster.Reject) Ends the hook and refuses the change; in `mapOutbound` the person, whose plan fails with the reason.

--- A change before the commit, of which a value is taken by another resource.
---@class muster.ConflictChange
---@field user? muster.User Where it is a user: propose another value in place.
---@field group? muster.Group Where it is a group: propose another value in place.
---@field resource? table<string, any> Where it is of another type: propose another value in place.
---@field resourceType string The name of its type, such as `Device`.
---@field conflict muster.Conflict What is taken.
---@field members muster.MemberChanges Who comes and goes.
---@field operation "create"|"replace"|"patch"|"delete" What the client asked for.
---@field before? muster.User|muster.Group|table<string, any> As it is stored; nil on create.
---@field changes table<string, muster.Change> What differs, by path: `ctx.changes["name.familyName"]`.
---@field request muster.Request Who asked, and how.
---@field config table<string, any> The site's settings, with the defaults.
---@field skip fun(given?: string|muster.Skip) Ends the hook: there was nothing to do. In `mapOutbound` the person is left at the target as they are there.
---@field reject fun(given?: string|muster.Reject) Ends the hook and refuses the change; in `mapOutbound` the person, whose plan fails with the reason.

--- A request of an authenticated client, before it is understood.
---@class muster.RequestRepair
---@field request muster.RawRequest Change it in place.
---@field config table<string, any> The site's settings, with the defaults.
---@field skip fun(given?: string|muster.Skip) Ends the hook: there was nothing to do. In `mapOutbound` the person is left at the target as they are there.
---@field reject fun(given?: string|muster.Reject) Ends the hook and refuses the change; in `mapOutbound` the person, whose plan fails with the reason.

--- A resource on its way to a client.
---@class muster.Answer
---@field user? muster.User Where it is a user: a copy, to be changed in place.
---@field group? muster.Group Where it is a group: a copy, to be changed in place.
---@field resource? table<string, any> Where it is of another type: a copy, to be changed in place.
---@field resourceType string The name of its type, such as `Device`.
---@field omitted table<string, integer> Lists of more than 1,000 values, with their number: they are shown empty, and answered whole unless they are changed or set to nil.
---@field request muster.Request Who asks, and how.
---@field config table<string, any> The site's settings, with the defaults.

--- An event about a user, after the commit.
---@class muster.UserEvent
---@field user muster.User As the change left them; a deleted one as they were.
---@field event muster.Event What has happened.
---@field before? muster.User As it was before the change; nil on create.
---@field changes table<string, muster.Change> What differs, by path: `ctx.changes["name.familyName"]`.
---@field request muster.Origin Who asked.
---@field config table<string, any> The site's settings, with the defaults.
---@field skip fun(given?: string|muster.Skip) Ends the hook: there was nothing to do. In `mapOutbound` the person is left at the target as they are there.
---@field retry fun(given?: string|muster.Retry) Ends the hook: it is to be called again later, at most `retry.maxAttempts` times.
---@field fail fun(given?: string|muster.Fail) Ends the hook: the delivery is set aside until a person looks.

--- A user has another manager, after the commit.
---@class muster.ManagerEvent
---@field user muster.User As the change left them.
---@field event muster.Event What has happened.
---@field before? muster.User As it was before the change; nil on create.
---@field changes table<string, muster.Change> What differs, by path: `ctx.changes["name.familyName"]`.
---@field request muster.Origin Who asked.
---@field config table<string, any> The site's settings, with the defaults.
---@field manager muster.Manager Who it was and is.
---@field skip fun(given?: string|muster.Skip) Ends the hook: there was nothing to do. In `mapOutbound` the person is left at the target as they are there.
---@field retry fun(given?: string|muster.Retry) Ends the hook: it is to be called again later, at most `retry.maxAttempts` times.
---@field fail fun(given?: string|muster.Fail) Ends the hook: the delivery is set aside until a person looks.

--- An event about a group, after the commit.
---@class muster.GroupEvent
---@field group muster.Group As the change left it; a deleted one as it was.
---@field event muster.Event What has happened.
---@field before? muster.Group As it was before the change; nil on create.
---@field changes table<string, muster.Change> What differs, by path: `ctx.changes["name.familyName"]`.
---@field request muster.Origin Who asked.
---@field config table<string, any> The site's settings, with the defaults.
---@field skip fun(given?: string|muster.Skip) Ends the hook: there was nothing to do. In `mapOutbound` the person is left at the target as they are there.
---@field retry fun(given?: string|muster.Retry) Ends the hook: it is to be called again later, at most `retry.maxAttempts` times.
---@field fail fun(given?: string|muster.Fail) Ends the hook: the delivery is set aside until a person looks.

--- Somebody has joined or left a group, after the commit.
---@class muster.MembershipEvent
---@field group muster.Group The group.
---@field member muster.Member Who joined or left.
---@field user? muster.User The same as a whole; nil where the member is a group.
---@field event muster.Event What has happened.
---@field before? muster.User|muster.Group As it was before the change; nil on create.
---@field changes table<string, muster.Change> What differs, by path: `ctx.changes["name.familyName"]`.
---@field request muster.Origin Who asked.
---@field config table<string, any> The site's settings, with the defaults.
---@field skip fun(given?: string|muster.Skip) Ends the hook: there was nothing to do. In `mapOutbound` the person is left at the target as they are there.
---@field retry fun(given?: string|muster.Retry) Ends the hook: it is to be called again later, at most `retry.maxAttempts` times.
---@field fail fun(given?: string|muster.Fail) Ends the hook: the delivery is set aside until a person looks.

--- A time of the plugin's schedule has come.
---@class muster.ScheduleEvent
---@field event muster.Event `time` is the time of the schedule, `id` the same for all attempts at it.
---@field request muster.Origin `tenant` says whose directory is meant.
---@field config table<string, any> The site's settings, with the defaults.
---@field skip fun(given?: string|muster.Skip) Ends the hook: there was nothing to do. In `mapOutbound` the person is left at the target as they are there.
---@field retry fun(given?: string|muster.Retry) Ends the hook: it is to be called again later, at most `retry.maxAttempts` times.
---@field fail fun(given?: string|muster.Fail) Ends the hook: the delivery is set aside until a person looks.

--- What a person becomes at a target, before it is compared with what is there.
---@class muster.OutboundDocument
---@field document table<string, any> What the target's template made, and the plugins before: change it in place.
---@field user muster.User As stored. Changing this copy has no effect.
---@field target string The target's name.
---@field request muster.Origin `tenant` says whose directory is meant; `client` is `provisioner`.
---@field config table<string, any> The site's settings, with the defaults.
---@field skip fun(given?: string|muster.Skip) Ends the hook: there was nothing to do. In `mapOutbound` the person is left at the target as they are there.
---@field reject fun(given?: string|muster.Reject) Ends the hook and refuses the change; in `mapOutbound` the person, whose plan fails with the reason.

--- A plan for a person at a target has ended.
---@class muster.ProvisionEvent
---@field event muster.Event `id` is the same when the same end is told again, `attempt` counts from 1 anew then.
---@field target string The target's name.
---@field action "create"|"update"|"reactivate"|"deactivate"|"delete" What the plan does to the account.
---@field user? muster.User As stored; nil where they are not in the directory any more.
---@field remoteId? string The account's id at the target; nil where there is none.
---@field error? string What went wrong for good; nil in `onProvisioned`.
---@field document? table<string, any> The account as the plan has it; nil where the account is deleted.
---@field request muster.Origin `tenant` says whose directory is meant; `client` is `provisioner`.
---@field config table<string, any> The site's settings, with the defaults.
---@field skip fun(given?: string|muster.Skip) Ends the hook: there was nothing to do. In `mapOutbound` the person is left at the target as they are there.
---@field retry fun(given?: string|muster.Retry) Ends the hook: it is to be called again later, at most `retry.maxAttempts` times.
---@field fail fun(given?: string|muster.Fail) Ends the hook: the delivery is set aside until a person looks.

--- What init.lua returns: a table of hooks.
---@class muster.Plugin
---@field mapUser? fun(ctx: muster.UserChange) Shapes a user before the commit, in the plugins' order. May run twice for one request, so it must not act on the world.
---@field mapGroup? fun(ctx: muster.GroupChange) Shapes a group before the commit. May run twice for one request, so it must not act on the world.
---@field checkUser? fun(ctx: muster.UserCheck) Agrees to a user as all plugins left them, or rejects the change. May run twice for one request.
---@field checkGroup? fun(ctx: muster.GroupCheck) Agrees to a group as all plugins left it, or rejects the change. May run twice for one request.
---@field mapResource? fun(ctx: muster.ResourceChange) Shapes a resource of any type but users and groups before the commit. May run twice for one request, so it must not act on the world.
---@field checkResource? fun(ctx: muster.ResourceCheck) Agrees to a resource of any type but users and groups, or rejects the change. May run twice for one request.
---@field onRequest? fun(ctx: muster.RequestRepair) Repairs a request that is not SCIM as it should be, before it is read. What it makes of it is routed, authorized and checked as if the client had sent it. Must not wait.
---@field onRead? fun(ctx: muster.Answer) Shapes what a client sees of a resource, whichever request it answers; what is stored stays. Must not wait, and must answer the same for the same resource. `id`, `schemas` and `meta` stay.
---@field onConflict? fun(ctx: muster.ConflictChange) Proposes another value for one that is taken; the change is then checked, not mapped again. Asked at most ten times.
---@field onCreate? fun(ctx: muster.UserEvent) A user was created. Runs after the commit, at least once, in order for each resource.
---@field onUpdate? fun(ctx: muster.UserEvent) A user was changed in any way; comes beside the more special hooks. Runs after the commit, at least once, in order for each resource.
---@field onActivate? fun(ctx: muster.UserEvent) A user became active. Runs after the commit, at least once, in order for each resource.
---@field onDeactivate? fun(ctx: muster.UserEvent) A user is not active any more. Runs after the commit, at least once, in order for each resource.
---@field onDelete? fun(ctx: muster.UserEvent) A user was deleted. Runs after the commit, at least once, in order for each resource.
---@field onManagerChange? fun(ctx: muster.ManagerEvent) A user has another manager, or none. Runs after the commit, at least once, in order for each resource.
---@field onGroupAdd? fun(ctx: muster.MembershipEvent) Somebody joined a group. Runs after the commit, at least once, in order for each resource.
---@field onGroupRemove? fun(ctx: muster.MembershipEvent) Somebody left a group. Runs after the commit, at least once, in order for each resource.
---@field onGroupCreate? fun(ctx: muster.GroupEvent) A group was created. Runs after the commit, at least once, in order for each resource.
---@field onGroupUpdate? fun(ctx: muster.GroupEvent) A group was changed, its name or others of its attributes. Runs after the commit, at least once, in order for each resource.
---@field onGroupDelete? fun(ctx: muster.GroupEvent) A group was deleted. Runs after the commit, at least once, in order for each resource.
---@field onSchedule? fun(ctx: muster.ScheduleEvent) Runs at the times of `schedule` in plugin.json, a line of cron in UTC (or in `scheduleZone`), on one node and for each tenant. After an outage the latest time that was missed is made up for; a failure is tried again until the next time comes.
---@field mapOutbound? fun(ctx: muster.OutboundDocument) Shapes what is sent of a person to a target, in the plugins' order, before it is planned. Runs for people within the target's scope. May run twice for one plan, so it must not act on the world.
---@field onProvisioned? fun(ctx: muster.ProvisionEvent) A plan was carried out at a target. Runs before the end is written down, again after a crash between the two; what fails or asks for it is tried three times within 10 seconds, and then only logged.
---@field onProvisionFailed? fun(ctx: muster.ProvisionEvent) A plan failed for good: somebody has to look. Runs before the end is written down, again after a crash between the two; what fails or asks for it is tried three times within 10 seconds, and then only logged.

--- The one global of ours; it cannot be changed.
muster = {}

--- The level of this API.
---@type integer
muster.api = nil

--- Runs a step once over all attempts of an event: a step that ended is not repeated. One that failed is, and one whose end could not be noted, since the server was killed in that moment: its requests carry the same Idempotency-Key then.
--- In the phases on, schedule.
--- Permission: "kv": true.
---@param ctx muster.UserEvent|muster.ManagerEvent|muster.GroupEvent|muster.MembershipEvent The hook's `ctx`.
---@param name string The step's name, at most 64 bytes.
---@param step fun() What is to be done once.
---@return boolean # whether it ran now
function muster.once(ctx, name, step) end

--- Writes into the server's log, with plugin, hook and request. Secrets are blotted out; a run has 100 lines.
muster.log = {}

--- Logs a line at the level debug.
---@param message any The text.
---@param fields? table<string, any> At most 20 values to go with it.
function muster.log.debug(message, fields) end

--- Logs a line at the level info.
---@param message any The text.
---@param fields? table<string, any> At most 20 values to go with it.
function muster.log.info(message, fields) end

--- Logs a line at the level warn.
---@param message any The text.
---@param fields? table<string, any> At most 20 values to go with it.
function muster.log.warn(message, fields) end

--- Logs a line at the level error.
---@param message any The text.
---@param fields? table<string, any> At most 20 values to go with it.
function muster.log.error(message, fields) end

--- The way out. Every address, redirects too, must be among `permissions.http`; after the commit each request carries an `Idempotency-Key` that is the same on every attempt.
muster.http = {}

--- Sends any request.
--- In the phases map, conflict, check, on, outbound, schedule.
--- Permission: "http": ["https://api.example.com/*"].
---@param request muster.HTTPRequest The request.
---@return muster.HTTPReply # the answer, whatever its status
function muster.http.request(request) end

--- Sends a GET request.
--- In the phases map, conflict, check, on, outbound, schedule.
--- Permission: "http": ["https://api.example.com/*"].
---@param url string Absolute; `https` or `http`.
---@param options? muster.HTTPOptions Headers, body, time.
---@return muster.HTTPReply # the answer, whatever its status
function muster.http.get(url, options) end

--- Sends a POST request.
--- In the phases map, conflict, check, on, outbound, schedule.
--- Permission: "http": ["https://api.example.com/*"].
---@param url string Absolute; `https` or `http`.
---@param options? muster.HTTPOptions Headers, body, time.
---@return muster.HTTPReply # the answer, whatever its status
function muster.http.post(url, options) end

--- Sends a PUT request.
--- In the phases map, conflict, check, on, outbound, schedule.
--- Permission: "http": ["https://api.example.com/*"].
---@param url string Absolute; `https` or `http`.
---@param options? muster.HTTPOptions Headers, body, time.
---@return muster.HTTPReply # the answer, whatever its status
function muster.http.put(url, options) end

--- Sends a PATCH request.
--- In the phases map, conflict, check, on, outbound, schedule.
--- Permission: "http": ["https://api.example.com/*"].
---@param url string Absolute; `https` or `http`.
---@param options? muster.HTTPOptions Headers, body, time.
---@return muster.HTTPReply # the answer, whatever its status
function muster.http.patch(url, options) end

--- Sends a DELETE request.
--- In the phases map, conflict, check, on, outbound, schedule.
--- Permission: "http": ["https://api.example.com/*"].
---@param url string Absolute; `https` or `http`.
---@param options? muster.HTTPOptions Headers, body, time.
---@return muster.HTTPReply # the answer, whatever its status
function muster.http.delete(url, options) end

--- Addresses that are put together.
muster.url = {}

--- Percent-encodes a text as one segment of a path, or one value of a query (RFC 3986 §2.1). `.` and `..` stay as they are, and are no segments that `muster.http` sends.
---@param text string Any text.
---@return string # the same, of which only letters, digits and `-._~` stay as they are
function muster.url.encode(text) end

--- Mails, through the `sendmail` of the server's machine. Every recipient must be covered by `permissions.mail`. A mail has the same `Message-ID` on every attempt, by which mail servers and people tell that it came twice.
muster.mail = {}

--- Hands a mail over. That it returns means that the machine has taken the mail, not that it has arrived; that the machine does not take it is an error, after which the event is tried again.
--- In the phases on, schedule.
--- Permission: "mail": ["example.com"].
---@param mail muster.Mail The mail.
---@return muster.MailReceipt # what tells the mail from all others
function muster.mail.send(mail) end

--- JSON as Lua values.
muster.json = {}

--- JSON's null; the global `null` is the same.
---@type lightuserdata
muster.json.null = nil

--- Writes a value as JSON; an empty table becomes `{}` unless it is a `json.array`.
---@param value any Nested at most 40 deep.
---@return string # the JSON text
function muster.json.encode(value) end

--- Reads JSON; `null` in it is `muster.json.null`, which is true in a condition.
---@param text string At most 2 MiB.
---@return any # the value
function muster.json.decode(text) end

--- Marks a table as a JSON array, so that it stays `[]` when it is empty.
---@param t? any[] The elements.
---@return any[] # the same table
function muster.json.array(t) end

--- Values in the database, for this plugin and tenant alone.
muster.kv = {}

--- Gives a value.
--- In the phases map, conflict, check, on, outbound, schedule.
--- Permission: "kv": true.
---@param key string 1 to 256 bytes.
---@return any # the value, or nil
function muster.kv.get(key) end

--- Keeps a value.
--- In the phases map, conflict, check, on, outbound, schedule.
--- Permission: "kv": true.
---@param key string 1 to 256 bytes.
---@param value any At most 64 KiB as JSON; nil removes it.
---@param options? muster.KVOptions How long it is kept.
function muster.kv.set(key, value, options) end

--- Removes a value; one that is not there too.
--- In the phases map, conflict, check, on, outbound, schedule.
--- Permission: "kv": true.
---@param key string 1 to 256 bytes.
function muster.kv.delete(key) end

--- Counts, in one step that no other run can come between; a new counter begins at 0.
--- In the phases map, conflict, check, on, outbound, schedule.
--- Permission: "kv": true.
---@param key string 1 to 256 bytes.
---@param by? integer The step; 1 where it is left out.
---@param options? muster.KVOptions How long it is kept.
---@return integer # the new number
function muster.kv.incr(key, by, options) end

--- What must stand in no file of the plugin.
muster.secrets = {}

--- Gives a secret: `MUSTER_SECRET_NAME` of the server's environment, or the file NAME in the secrets folder.
--- Permission: "secrets": ["NAME"].
---@param name string One of `permissions.secrets`.
---@return string # the secret
function muster.secrets.get(name) end

--- The server's clock.
muster.time = {}

--- The time.
---@return integer # seconds since 1970
function muster.time.now() end

--- A time as SCIM writes it.
---@param seconds? number Seconds since 1970; the present time where it is left out.
---@return string # such as `2026-01-02T03:04:05.000Z`
function muster.time.iso(seconds) end

--- Waits, which counts towards the hook's time but holds no thread.
--- In the phases map, conflict, check, on, outbound, schedule.
---@param seconds number From 0 to 60.
function muster.time.sleep(seconds) end

--- Hashes, signatures and random values.
muster.crypto = {}

--- Hashes a text.
---@param algorithm "sha256"|"sha384"|"sha512" The hash.
---@param data string What is hashed.
---@param encoding? "hex"|"base64"|"base64url" hex where it is left out.
---@return string # the digest
function muster.crypto.hash(algorithm, data, encoding) end

--- Signs a text with a key (RFC 2104).
---@param algorithm "sha256"|"sha384"|"sha512" The hash.
---@param key string The key.
---@param data string What is signed.
---@param encoding? "hex"|"base64"|"base64url" hex where it is left out.
---@return string # the code
function muster.crypto.hmac(algorithm, key, data, encoding) end

--- A random UUID.
---@return string # in lower case
function muster.crypto.uuid() end

--- Random bytes that nobody can guess.
---@param count integer The number of bytes, from 1 to 1024.
---@param encoding? "hex"|"base64"|"base64url" hex where it is left out.
---@return string # the bytes as text
function muster.crypto.random(count, encoding) end

--- Compares secrets without telling by its time where they differ.
---@param left string One.
---@param right string The other.
---@return boolean # whether they are equal
function muster.crypto.equals(left, right) end

--- Base64 (RFC 4648 §4).
muster.crypto.base64 = {}

--- Encodes a text.
---@param text string What is encoded.
---@return string # as base64
function muster.crypto.base64.encode(text) end

--- Decodes to a text; what is not UTF-8 is an error.
---@param text string Base64.
---@return string # the text
function muster.crypto.base64.decode(text) end

--- The directory, as a client sees it and changes it.
muster.scim = {}

--- The URN of the User schema.
---@type string
muster.scim.USER = nil

--- The URN of the Group schema.
---@type string
muster.scim.GROUP = nil

--- The URN of the enterprise extension: `ctx.user[muster.scim.ENTERPRISE].department`.
---@type string
muster.scim.ENTERPRISE = nil

--- Gives one resource.
--- In the phases map, conflict, check, on, outbound, schedule.
--- Permission: "scim": ["users:read", "groups:read"].
---@param type "User"|"Group" The resource type.
---@param id string The resource's id.
---@return muster.User|muster.Group|nil # the resource, or nil
function muster.scim.get(type, id) end

--- Looks for resources; a page holds at most 200.
--- In the phases map, conflict, check, on, outbound, schedule.
--- Permission: "scim": ["users:read", "groups:read"].
---@param type "User"|"Group" The resource type.
---@param filter? string A SCIM filter (RFC 7644 §3.4.2.2); nil for all.
---@param options? muster.FindOptions Which page.
---@return (muster.User|muster.Group)[] # one page
---@return integer # how many there are in all
function muster.scim.find(type, filter, options) end

--- Creates a resource as the actor `plugin:NAME`. An attempt that is repeated creates it again: give it an externalId and look for that first, inside `muster.once`.
--- In the phases on, schedule.
--- Permission: "scim": ["users:write", "groups:write"].
---@param type "User"|"Group" The resource type.
---@param resource table<string, any> Its attributes, as a client would send them.
---@return muster.User|muster.Group # the resource, with its id
function muster.scim.create(type, resource) end

--- Changes a resource as the actor `plugin:NAME`. Hooks run for it as for any change; a change that hooks caused more than three times in a row is refused.
--- In the phases on, schedule.
--- Permission: "scim": ["users:write", "groups:write"].
---@param type "User"|"Group" The resource type.
---@param id string The resource's id.
---@param changes table Attributes with their new values, `null` to take one away; or PATCH operations (RFC 7644 §3.5.2).
---@return muster.User|muster.Group # the resource as it is then
function muster.scim.patch(type, id, changes) end

--- Deletes a resource as the actor `plugin:NAME`; one that is not there is an error.
--- In the phases on, schedule.
--- Permission: "scim": ["users:write", "groups:write"].
---@param type "User"|"Group" The resource type.
---@param id string The resource's id.
function muster.scim.delete(type, id) end

--- Reads what was committed, in order, for plugins that pass everything on. Changes are kept as long as finished deliveries.
--- In the phases map, conflict, check, on, outbound, schedule.
--- Permission: "scim": ["changes:read"].
---@param options? muster.ChangesOptions Which part.
---@return muster.RecordedChange[] # oldest first; empty at the end
---@return integer # the cursor: `after` of the next call
---@return boolean # whether changes after the cursor were forgotten before they were read
function muster.scim.changes(options) end

--- JSON's null. Never part of a resource: SCIM takes null for unassigned.
---@type lightuserdata
null = nil

--- Logs its arguments at the level info.
---@param ... any Anything.
function print(...) end

--- Groups specs; can be nested.
---@param name string What it is about.
---@param body fun() Declares specs.
function describe(name, body) end

--- Declares a spec. Each runs in a fresh world: no calls, no values, no secrets.
---@param name string What holds.
---@param body fun() Fails by an error.
function it(name, body) end

--- Declares a spec that is still to be written; it counts, and never fails. Within a spec: ends it so, with the reason.
---@param name string What will hold, or why.
---@param body? fun() Not run.
function pending(name, body) end

--- Prepares each spec of a group.
---@param body fun() Runs before each spec of this group.
function before_each(body) end

--- Looks at what each spec of a group has left.
---@param body fun() Runs after each spec of this group, also one that fails.
function after_each(body) end

--- Begins an expectation.
---@param value any What was found.
---@return muster.Expectation # what can be said of it
function expect(value) end

--- Runs hooks in a made-up world with the permissions and guards of the server.
test = {}

--- What was logged, by level: `test.logs.warn[1].message`.
---@type muster.Logs
test.logs = nil

--- Runs a hook. An error in the plugin fails the spec with the plugin's line. Hooks before the commit run twice and must answer alike.
---@param hook muster.HookName The hook.
---@param ctx? table<string, any> Fields of its `ctx`.
---@return muster.Run # how it ended
function test.run(hook, ctx) end

--- Runs a hook that is meant to fail by an error.
---@param hook muster.HookName The hook.
---@param ctx? table<string, any> Fields of its `ctx`.
---@return string # the error
function test.error_of(hook, ctx) end

--- Gives the plugin its settings, checked against plugin.json.
---@param settings? table<string, any> As the site would write them.
---@return table<string, any> # with the defaults
function test.config(settings) end

--- Gives the plugin a secret.
---@param name string One of `permissions.secrets`.
---@param value string Made up.
function test.secret(name, value) end

--- Starts a real engine on a throw-away directory, with this plugin loaded and a simulated client before it. What the plugin reaches outside is the spec's: stubs, secrets, values, clock and log.
---@param options? muster.WorldOptions The client, and what else differs from the usual.
---@return muster.World # the world
function test.world(options) end

--- The world behind `muster.http`.
test.http = {}

--- The requests so far: `test.http.calls[1].json`.
---@type muster.Call[]
test.http.calls = nil

--- Says how a request is answered; the newest stub that fits counts. A request without one fails its spec.
---@param method string Such as `POST`; `*` for any.
---@param url string The whole address, or its beginning and `*`.
---@param reply? muster.StubReply|muster.StubReply[] 200 without a body where it is left out. Of a list each in turn, the last one again and again.
---@param matching? muster.StubMatching Which requests to this address it answers; all where it is left out.
function test.http.stub(method, url, reply, matching) end

--- The world behind `muster.mail`. Mails without a `from` come from `muster@example.com`.
test.mail = {}

--- The mails so far: `test.mail.sent[1].subject`.
---@type muster.SentMail[]
test.mail.sent = nil

--- Lets the machine refuse the next mail, or so many; what is refused is not among `test.mail.sent`.
---@param reason? string What the machine says.
---@param count? integer How many mails; 1 where it is left out.
function test.mail.fail(reason, count) end

--- The directory behind `muster.scim`.
test.scim = {}

--- Puts a resource into the directory.
---@param type "User"|"Group" The resource type.
---@param resource table<string, any> With an id.
function test.scim.add(type, resource) end

--- Adds a change to those that `muster.scim.changes` reads.
---@param change table<string, any> As `muster.scim.changes` gives it; its number is set.
function test.scim.changed(change) end

--- The clock behind `muster.time`; it stands still.
test.clock = {}

--- Sets the clock.
---@param time string As SCIM writes it.
function test.clock.set(time) end

--- Moves the clock on.
---@param seconds number How far, at most ten years.
function test.clock.advance(seconds) end

--- The chance behind `muster.crypto.random`; each spec draws the same. UUIDs count from 1.
test.random = {}

--- Draws other bytes.
---@param number integer Draws another row.
function test.random.seed(number) end

--- The values behind `muster.kv`.
test.kv = {}

--- Gives a value.
---@param key string The key.
---@return any # the value, or nil
function test.kv.get(key) end

--- Keeps a value.
---@param key string The key.
---@param value any The value.
---@param options? {ttl?: number} How many seconds it is kept.
function test.kv.set(key, value, options) end

--- A directory with its queue, driven as the client drives it: each operation sends the requests that OneLogin, Okta or Entra ID send for it, and raises what the server refuses.
---@class muster.World
local world = {}

--- What the clients sent so far, and what was answered.
---@type muster.Exchange[]
world.requests = nil

--- What happened in the directory so far.
---@type muster.WorldEvent[]
world.events = nil

--- Creates a person.
---@param attributes table<string, any> Attributes of RFC 7643, or for short givenName, familyName, email, phone, mobile, department, division, organization, costCenter, employeeNumber, manager, and for a new user groups.
---@return muster.User # as it was answered
function world.create_user(attributes) end

--- Changes a person; `null` takes an attribute away.
---@param user string|muster.User Its id, or what an operation answered.
---@param attributes table<string, any> Attributes of RFC 7643, or for short givenName, familyName, email, phone, mobile, department, division, organization, costCenter, employeeNumber, manager, and for a new user groups.
---@return muster.User # as it was answered
function world.update_user(user, attributes) end

--- Deactivates a person.
---@param user string|muster.User Its id, or what an operation answered.
---@return muster.User # as it was answered
function world.deactivate_user(user) end

--- Activates a person again.
---@param user string|muster.User Its id, or what an operation answered.
---@return muster.User # as it was answered
function world.reactivate_user(user) end

--- Deletes a person. Okta never does.
---@param user string|muster.User Its id, or what an operation answered.
function world.delete_user(user) end

--- Assigns a manager, or takes them away.
---@param user string|muster.User Its id, or what an operation answered.
---@param manager? string|muster.User Nil for none any more.
---@return muster.User # as it was answered
function world.set_manager(user, manager) end

--- Reads all people, page after page. Entra ID never does.
---@return muster.User[] # all of them
function world.list_users() end

--- Creates a group.
---@param name string The displayName.
---@return muster.Group # as it was answered
function world.create_group(name) end

--- Renames a group. OneLogin never does.
---@param group string|muster.Group Its displayName or id, or what an operation answered.
---@param name string The new displayName.
---@return muster.Group # as it was answered
function world.rename_group(group, name) end

--- Puts a person into a group.
---@param group string|muster.Group Its displayName or id, or what an operation answered.
---@param user string|muster.User Its id, or what an operation answered.
function world.add_member(group, user) end

--- Takes a person out of a group.
---@param group string|muster.Group Its displayName or id, or what an operation answered.
---@param user string|muster.User Its id, or what an operation answered.
function world.remove_member(group, user) end

--- Deletes a group. OneLogin never does.
---@param group string|muster.Group Its displayName or id, or what an operation answered.
function world.delete_group(group) end

--- Does what the server is expected to refuse; fails when it is accepted.
---@param operation string Such as `create_user`.
---@param ... any What the operation takes.
---@return muster.Refusal # what the client is told
function world.refused(operation, ...) end

--- Sends one request with the client's token.
---@param request muster.WorldRequest As it goes over the wire.
---@return muster.WorldAnswer # whatever it is, errors too
function world.request(request) end

--- Lets another client use the same directory.
---@param name "onelogin"|"okta"|"entra"|"rfc" Which.
---@param settings? table<string, any> How it is set up, as in `test.world`.
---@return muster.WorldClient # its operations
function world.client(name, settings) end

--- Hands out all deliveries, also those that are tried again later: time passes as fast as they are done, for at most 30 days. An error in a hook fails the spec with the hook's line.
---@param options? {allow_errors: boolean} `allow_errors` leaves hooks that fail to be tried again.
---@return muster.Settlement # what became of the deliveries
function world.settle(options) end

--- Lets time pass; what comes due is handed out at its time.
---@param seconds number How long.
---@param options? {allow_errors: boolean} `allow_errors` leaves hooks that fail to be tried again.
function world.advance(seconds, options) end

--- Kills the server and starts it again on the same directory: what it had in hand is handed out anew, under the same keys.
---@param options? {after_calls: integer} `after_calls` hands out deliveries first, and kills the server when this many calls have reached their receivers, before the last answer is heard.
function world.crash(options) end

--- Gives a person as a client sees them.
---@param user string|muster.User Its id, or what an operation answered.
---@return muster.User|nil # the person, or nil
function world.user(user) end

--- Finds people.
---@param filter? string A SCIM filter; all where it is left out.
---@return muster.User[] # those whom it finds
function world.users(filter) end

--- Gives a group.
---@param group string|muster.Group Its displayName or id, or what an operation answered.
---@return muster.Group|nil # the group with its members, or nil
function world.group(group) end

--- Tells who is in a group.
---@param group string|muster.Group Its displayName or id, or what an operation answered.
---@return string[] # userNames, or displayNames of groups, sorted
function world.members(group) end

--- Tells how the deliveries stand.
---@param wanted? table<string, string> Only those with this hook, plugin, state, subscriber or event.
---@return muster.WorldDelivery[] # oldest first
function world.deliveries(wanted) end

--- What can be said of a value, and by `expect(value).never` denied.
---@class muster.Expectation
local expectation = {}

--- It equals another.
---@param want any Compared as a whole, tables by their content.
function expectation.equals(want) end

--- It differs from another.
---@param want any Compared as a whole.
function expectation.differs(want) end

--- It is a table that holds a part.
---@param part table Compared key by key, lists element by element.
function expectation.includes(part) end

--- It is nil.
function expectation.is_nil() end

--- It is true, and not merely true in a condition.
function expectation.is_true() end

--- It is false, and not nil.
function expectation.is_false() end

--- It has a type.
---@param type string As `type` gives it.
function expectation.is_a(type) end

--- It is a number close to another.
---@param want number The number.
---@param tolerance? number A billionth where it is left out.
function expectation.is_near(want, tolerance) end

--- It is a text or a list of that length.
---@param length integer As `#` gives it.
function expectation.has_length(length) end

--- It is a function that raises an error.
---@param pattern? string A part of the error, or a Lua pattern.
function expectation.errors(pattern) end

--- It holds something.
---@param part any A part of a text, or a value of a table.
function expectation.contains(part) end

--- It is a text that fits a pattern.
---@param pattern string A Lua pattern.
function expectation.matches(pattern) end

--- It equals what was kept; `muster test --update` renews it.
---@param name string Names the snapshot in spec/NAME.snap.json.
function expectation.matches_snapshot(name) end

