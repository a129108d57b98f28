import MusterCore
import MusterLua
import SCIM
import Synchronization

/// Takes the mails of a spec, but for those that it wants to be refused.
struct SpecMail: MailTransport {
    let world: SpecWorld

    func send(_ mail: OutboundMail) async throws {
        let problem = world.state.withLock { state -> String? in
            guard state.mailProblems.isEmpty else { return state.mailProblems.removeFirst() }
            state.mails.append(mail)
            return nil
        }
        if let problem { throw MailError(.temporary, problem) }
    }
}

extension SpecAPI {
    /// `test.mail`.
    mutating func addMail() {
        let world = world
        api.sync("test_mail_fail") { _, arguments in
            let reason = try arguments.optionalString(0, "test.mail.fail: the reason") ?? "the mail program cannot take the mail now"
            let count = arguments[1]?.integer ?? 1
            guard arguments[1] == nil || arguments[1]?.integer != nil, 1...1000 ~= count else {
                throw HostCallError("test.mail.fail: the number of mails is a whole number from 1 to 1000")
            }
            world.state.withLock { $0.mailProblems += Array(repeating: reason, count: Int(count)) }
            return nil
        }
        api.sync("test_mails") { _, _ in .array(world.state.withLock { $0.mails }.map(\.luaValue)) }
    }
}

extension OutboundMail {
    /// A mail as specs see it.
    fileprivate var luaValue: LuaValue {
        func list(_ addresses: [MailAddress]) -> LuaValue { .array(addresses.map { .string($0.description) }) }
        var mail: LuaObject = [
            "message_id": .string(messageID), "from": .string(from.description), "to": list(to), "cc": list(cc), "bcc": list(bcc),
            "subject": .string(subject), "text": .string(text),
            "headers": .object(LuaObject(headers.map { .init(key: $0.name.lowercased(), value: .string($0.value)) })),
        ]
        if let replyTo { mail["reply_to"] = .string(replyTo.description) }
        if let html { mail["html"] = .string(html) }
        return .object(mail)
    }
}
