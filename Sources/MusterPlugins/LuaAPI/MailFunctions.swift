import MusterCore
import MusterLua

extension HostAPI {
    static let mailRecipientLimit = 50
    static let mailHeaderLimit = 20
    static let mailSubjectLimit = 900
    static let mailHeaderBytesLimit = 2048
    static let mailBodyLimit = 1 << 20

    /// `mail_send{to, subject, text, ...}`: hands one mail to the world's way out.
    mutating func addMail() {
        let environment = environment
        async("mail_send") { run, arguments in
            guard environment.permissions.mail.isGranted else {
                throw HostCallError("muster.mail is not permitted; add \"mail\": [\"example.com\"] to permissions in plugin.json")
            }
            let mail = try MailCall(arguments.object(0), environment: environment).mail(try run.required(for: "muster.mail"))
            do { try await environment.world.mail.send(mail) } catch let error as MailError {
                throw HostCallError("mail.send: \(error.message)")
            }
            return ["message_id": .string(mail.messageID)]
        }
    }
}

/// What a script handed to `muster.mail.send`, read and checked.
private struct MailCall {
    let environment: PluginEnvironment
    let from: MailAddress
    let replyTo: MailAddress?
    let to: [MailAddress]
    let cc: [MailAddress]
    let bcc: [MailAddress]
    let subject: String
    let text: String
    let html: String?
    let headers: [OutboundMail.Header]

    init(_ object: LuaObject, environment: PluginEnvironment) throws(HostCallError) {
        self.environment = environment
        to = try Self.addresses(object["to"], "to")
        cc = try Self.addresses(object["cc"], "cc")
        bcc = try Self.addresses(object["bcc"], "bcc")
        guard !to.isEmpty else { throw HostCallError("mail.send: 'to' is missing") }
        let recipients = to + cc + bcc
        guard recipients.count <= HostAPI.mailRecipientLimit else {
            throw HostCallError("mail.send: there are more than \(HostAPI.mailRecipientLimit) recipients")
        }
        for address in recipients where !environment.permissions.mail.allows(address) {
            throw HostCallError(
                "mail.send: \(address.text) is not among those whom this plugin may write to; "
                    + "add \"\(address.domain)\" to permissions.mail in plugin.json")
        }
        replyTo = try object["reply_to"].map { value throws(HostCallError) in try Self.address(value, "reply_to") }
        if let value = object["from"] {
            from = try Self.address(value, "from")
        } else if let sender = environment.world.mailSender {
            from = sender
        } else {
            throw HostCallError("mail.send: there is no 'from', and the server's configuration has no mail.from")
        }
        subject = object["subject"]?.string ?? ""
        guard !subject.isEmpty else { throw HostCallError("mail.send: 'subject' is missing") }
        guard subject.isLineSafe else { throw HostCallError("mail.send: 'subject' holds a line break or another control character") }
        guard subject.utf8.count <= HostAPI.mailSubjectLimit else {
            throw HostCallError("mail.send: 'subject' is longer than \(HostAPI.mailSubjectLimit) bytes")
        }
        text = object["text"]?.string ?? ""
        html = object["html"]?.string
        guard text.utf8.count + (html?.utf8.count ?? 0) <= HostAPI.mailBodyLimit else {
            throw HostCallError("mail.send: 'text' and 'html' are larger than 1 MiB")
        }
        headers = try Self.headers(object["headers"])
    }

    /// The mail, with its number among those of the run.
    func mail(_ run: RunContext) -> OutboundMail {
        let key = run.nextMailKey(of: environment.name) ?? "\(environment.name).\(environment.world.makeUUID())"
        return OutboundMail(
            messageID: "<\(key)@\(from.domain)>", date: environment.world.clock.now(), from: from, replyTo: replyTo, to: to, cc: cc,
            bcc: bcc, subject: subject, text: text, html: html, headers: headers)
    }

    private static func addresses(_ value: LuaValue?, _ field: String) throws(HostCallError) -> [MailAddress] {
        switch value {
        case nil, .null, .empty: return []
        case .array(let values)?:
            var addresses: [MailAddress] = []
            for value in values { addresses.append(try address(value, field)) }
            return addresses
        case let value?: return [try address(value, field)]
        }
    }

    private static func address(_ value: LuaValue, _ field: String) throws(HostCallError) -> MailAddress {
        guard let text = value.string else {
            let isList = ["to", "cc", "bcc"].contains(field)
            throw HostCallError("mail.send: '\(field)' must be an address" + (isList ? ", or a list of addresses" : ""))
        }
        do { return try MailAddress(text) } catch { throw HostCallError("mail.send: '\(field)': \(error.message)") }
    }

    private static func headers(_ value: LuaValue?) throws(HostCallError) -> [OutboundMail.Header] {
        guard let object = value?.object else { return [] }
        guard object.members.count <= HostAPI.mailHeaderLimit else {
            throw HostCallError("mail.send: there are more than \(HostAPI.mailHeaderLimit) headers")
        }
        var headers: [OutboundMail.Header] = []
        for member in object.members {
            let (name, text, small) = (member.key, member.value.string ?? "", member.key.lowercased())
            let isName =
                1...64 ~= name.utf8.count && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"()<>@,;:\\\"/[]?={}".utf8.contains($0) }
            guard isName else {
                let shown = name.prefix(64).filter { String($0).isLineSafe }
                throw HostCallError("mail.send: '\(shown)' is not the name of a header")
            }
            let header = OutboundMail.Header(name, text)
            guard !header.isReserved else { throw HostCallError("mail.send: the header '\(name)' cannot be set") }
            guard !headers.contains(where: { $0.name.lowercased() == small }) else {
                throw HostCallError("mail.send: the header '\(name)' is there twice")
            }
            guard text.utf8.count <= HostAPI.mailHeaderBytesLimit, text.isLineSafe else {
                throw HostCallError("mail.send: the header '\(name)' holds a line break or is longer than 2 KiB")
            }
            headers.append(header)
        }
        return headers.sorted { $0.name < $1.name }
    }
}
