import MusterCore
import SCIM
import Synchronization

extension PluginWorld {
    /// The same world, in which every run takes down what it does and what it is told; see ``RunRecord``.
    package var journaling: PluginWorld {
        var world = journaling { CurrentRun.now?.context.journal.note($0) }
        world.transport = JournalingTransport(base: transport)
        return world
    }

    /// The same, where calls are handed to `note`, and requests are left to the transport.
    func journaling(note: @escaping @Sendable (RecordedCall) -> Void) -> PluginWorld {
        var world = self
        world.mail = JournalingMail(base: mail, note: note)
        world.values = { [values] plugin in values(plugin).journaling(note) }
        world.scim = scim.journaling(note)
        world.changes = changes.journaling
        world.clock = WallClock { [clock] in
            let now = clock.now()
            CurrentRun.now?.context.journal.note(.clock, "", .integer(now.milliseconds))
            return now
        }
        world.random = { [random] count in
            let bytes = random(count)
            CurrentRun.now?.context.journal.note(.uuid, "random", .string(Base64URL.encode(bytes)))
            return bytes
        }
        world.makeUUID = { [makeUUID] in
            let uuid = makeUUID()
            CurrentRun.now?.context.journal.note(.uuid, "", .string(uuid))
            return uuid
        }
        return world
    }
}

/// Takes down requests with their answers.
private struct JournalingTransport: HTTPTransport {
    let base: any HTTPTransport

    func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        guard let run = CurrentRun.now else { return try await base.send(request) }
        var call = RecordedCall(request, mask: run.mask)
        do {
            let response = try await base.send(request)
            call.answer = .init(response, mask: run.mask)
            run.context.journal.note(call, response)
            return response
        } catch {
            call.problem = run.mask.masked("\(error)").cut(to: 1024)
            run.context.journal.note(call)
            throw error
        }
    }
}

/// Takes down mails.
private struct JournalingMail: MailTransport {
    let base: any MailTransport
    let note: @Sendable (RecordedCall) -> Void

    func send(_ mail: OutboundMail) async throws {
        guard let run = CurrentRun.now else { return try await base.send(mail) }
        var call = RecordedCall(mail, mask: run.mask)
        do {
            try await base.send(mail)
            note(call)
        } catch {
            call.problem = run.mask.masked("\(error)").cut(to: 1024)
            note(call)
            throw error
        }
    }
}

extension PluginValues {
    fileprivate func journaling(_ note: @escaping @Sendable (RecordedCall) -> Void) -> PluginValues {
        PluginValues(
            get: { [get] key, tenant in
                let bytes = try await get(key, tenant)
                CurrentRun.now?.noteValue(key, bytes)
                return bytes
            },
            update: { [update] key, tenant, change in
                let step = Mutex<(old: [UInt8]?, new: PluginValue?)>((nil, nil))
                try await update(key, tenant) { old in
                    let new = try change(old)
                    step.withLock { $0 = (old, new) }
                    return new
                }
                guard let run = CurrentRun.now else { return }
                let (old, new) = step.withLock { $0 }
                run.noteValue(key, old)
                note(RecordedCall(kvChange: key, to: new, mask: run.mask))
            })
    }
}

extension RecordedCall {
    /// A value of `muster.kv` that is written, or with nil removed.
    init(kvChange key: String, to value: PluginValue?, mask: SecretMask) {
        self.init(
            kind: .kv, method: value == nil ? "remove" : "set", target: key,
            body: Body(value.map { mask.kept($0.value.sortedText()) } ?? ""))
    }
}

extension RecordedCall {
    /// A change of the directory.
    init(_ change: ScimWrite, mask: SecretMask) {
        self.init(
            kind: .scim, method: change.operation.rawValue, target: change.target,
            body: Body(change.operation == .delete ? "" : mask.kept(change.body.sortedText())))
    }
}

extension ScimWrite {
    /// What names the change in a journal.
    var title: String { "\(operation.rawValue) \(target)" }
}

extension CurrentRun {
    /// Takes down what a value of `muster.kv` was: its stored form, or nil.
    fileprivate func noteValue(_ key: String, _ bytes: [UInt8]?) {
        let text = String(decoding: bytes ?? [], as: UTF8.self)
        let kept = mask.kept(text)
        func value(_ text: String) -> AttributeValue { (try? AttributeValue(json: text)) ?? .null }
        // A bare nil would be the value null.
        context.journal.note(.kv, key, value(kept), whole: kept == text ? Optional.none : value(text))
    }
}

extension ScimAccess {
    fileprivate func journaling(_ note: @escaping @Sendable (RecordedCall) -> Void) -> ScimAccess {
        var access = self
        access.get = { [get] type, id, tenant in
            let found = try await get(type, id, tenant)
            CurrentRun.now?.context.journal.note(.scim, "get \(type)/\(id)", found ?? .null)
            return found
        }
        access.find = { [find] type, filter, start, count, tenant in
            let found = try await find(type, filter, start, count, tenant)
            CurrentRun.now?.context.journal.note(.scim, Self.title(type, filter, start, count), found)
            return found
        }
        access.write = { [write] change, origin in
            guard let run = CurrentRun.now else { return try await write(change, origin) }
            var call = RecordedCall(change, mask: run.mask)
            do {
                let written = try await write(change, origin)
                run.context.journal.note(.scim, change.title, written ?? .null)
                note(call)
                return written
            } catch {
                call.problem = run.mask.masked("\(error)").cut(to: 1024)
                note(call)
                throw error
            }
        }
        return access
    }

    /// What names a search in a journal.
    static func title(_ type: String, _ filter: String?, _ start: Int, _ count: Int) -> String {
        "find \(type) \(start) \(count) \(filter ?? "")"
    }
}

extension ChangeFeed {
    fileprivate var journaling: ChangeFeed {
        ChangeFeed { [read] tenant, cursor, limit in
            let page = try await read(tenant, cursor, limit)
            CurrentRun.now?.context.journal.note(.scim, Self.title(cursor, limit), page.document)
            return page
        }
    }

    /// What names a reading of the changes in a journal.
    static func title(_ cursor: Int64?, _ limit: Int) -> String { "changes \(cursor.map { "\($0)" } ?? "") \(limit)" }
}

extension ChangeFeed.Page {
    fileprivate var document: AttributeValue { ["changes": .array(changes), "cursor": .integer(cursor), "gap": .boolean(hasGap)] }

    /// Reads what a journal holds.
    init(journaled document: AttributeValue) {
        self.init(
            changes: document["changes"]?.array ?? [], cursor: document["cursor"]?.integer ?? 0, hasGap: document["gap"] == true)
    }
}
