import Crypto
package import MusterCore
package import SCIM

/// One thing that a run of a hook did to the world, or would have done: as much of it as is kept and compared.
///
/// Secrets, tokens and passwords are blotted out, headers that carry credentials emptied, and long bodies cut.
package struct RecordedCall: Sendable, Hashable {
    /// Which way out.
    package enum Kind: String, Sendable, Hashable {
        /// A request of `muster.http`.
        case http
        /// A value of `muster.kv` that was written or removed.
        case kv
        /// A mail of `muster.mail`.
        case mail
        /// A change of the directory through `muster.scim`.
        case scim
    }

    /// A text that is cut where it is long, with the length and the digest of all of it.
    package struct Body: Sendable, Hashable {
        /// What is kept of a body, in bytes.
        package static let limit = 16 << 10

        /// The text, cut.
        package var text: String
        /// The length of the whole text in bytes.
        package var bytes: Int
        /// SHA-256 of the whole text in hex; nil where nothing is cut.
        package var digest: String?

        package init(_ whole: String = "") {
            bytes = whole.utf8.count
            text = whole.cut(to: Self.limit)
            digest = bytes > Self.limit ? SHA256.hash(data: Array(whole.utf8)).map { String(format: $0) }.joined() : nil
        }
    }

    /// What came back over HTTP.
    package struct Answer: Sendable, Hashable {
        /// The status.
        package var status: Int
        /// The headers, names in lower case.
        package var headers: [HTTPHeader]
        /// The body.
        package var body: Body
        /// Whether something was blotted out of the body.
        package var isBlotted = false

        /// Whether a script that gets this answer again gets the same body.
        var isWhole: Bool { !isBlotted && body.digest == nil }
    }

    /// Which way out.
    package var kind: Kind
    /// The HTTP method; for other kinds what was done: `set`, `remove`, `send`, `patch`.
    package var method: String
    /// The URL; for other kinds the key, the recipients, or the resource as `User/ID`.
    package var target: String
    /// The headers, names in lower case, by name.
    package var headers: [HTTPHeader]
    /// What was sent or written.
    package var body: Body
    /// The answer; nil where none came or none is expected.
    package var answer: Answer?
    /// Why no answer came.
    package var problem: String?
    /// Whether nobody was asked, and the answer was neither recorded nor given but made up.
    package var isAnswerMadeUp: Bool

    package init(
        kind: Kind, method: String, target: String, headers: [HTTPHeader] = [], body: Body = Body(), answer: Answer? = nil,
        problem: String? = nil, isAnswerMadeUp: Bool = false
    ) {
        self.kind = kind
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.answer = answer
        self.problem = problem
        self.isAnswerMadeUp = isAnswerMadeUp
    }

    /// The body for a person: JSON with its members in the order of their names, since Lua's tables have none.
    package var bodyText: String { (try? AttributeValue(json: body.text))?.sortedText() ?? body.text }

    /// What names the call in a list: `POST https://mail.example.com/send`, or `kv set last`.
    package var title: String { kind == .http ? "\(method) \(target)" : "\(kind.rawValue) \(method) \(target)" }
}

extension String {
    /// A byte as two digits.
    fileprivate init(format byte: UInt8) { self = (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}

// MARK: - From what was sent

extension RecordedCall {
    /// A request without its answer.
    init(_ request: OutboundRequest, mask: SecretMask) {
        self.init(
            kind: .http, method: request.method, target: mask.kept(request.url), headers: Self.headers(request.headers, mask),
            body: Body(mask.kept(String(decoding: request.body, as: UTF8.self))))
    }

    /// A mail of the run that is at work, without the plugin's secrets.
    package init(_ mail: OutboundMail) { self.init(mail, mask: CurrentRun.now?.mask ?? SecretMask([])) }

    /// A mail; its body is JSON with the subject and the texts.
    init(_ mail: OutboundMail, mask: SecretMask) {
        var headers = [HTTPHeader("from", mail.from.description), HTTPHeader("message-id", mail.messageID)]
        for (name, list) in [("to", mail.to), ("cc", mail.cc), ("bcc", mail.bcc), ("reply-to", mail.replyTo.map { [$0] } ?? [])]
        where !list.isEmpty { headers.append(HTTPHeader(name, list.map(\.description).joined(separator: ", "))) }
        headers += mail.headers.map { HTTPHeader($0.name, $0.value) }
        var body: AttributeMap = ["subject": .string(mail.subject), "text": .string(mail.text)]
        if let html = mail.html { body.append("html", .string(html)) }
        self.init(
            kind: .mail, method: "send", target: mail.recipients.map(\.text).joined(separator: ", "),
            headers: Self.headers(headers, mask), body: Body(mask.kept(AttributeValue.complex(body).sortedText())))
    }

    /// Headers with their names in lower case and without what grants access.
    fileprivate static func headers(_ headers: [HTTPHeader], _ mask: SecretMask) -> [HTTPHeader] {
        headers.map { header in
            let name = header.name.lowercased()
            return HTTPHeader(name, isConfidential(name) ? "***" : mask.kept(header.value))
        }.sorted { $0.name < $1.name }
    }

    private static func isConfidential(_ name: String) -> Bool {
        name != "idempotency-key" && ["auth", "cookie", "token", "secret", "api-key", "apikey", "password"].contains { name.contains($0) }
    }
}

extension RecordedCall.Answer {
    /// An answer as it is kept.
    init(_ response: OutboundResponse, mask: SecretMask) {
        let text = String(decoding: response.body, as: UTF8.self)
        let kept = mask.kept(text)
        self.init(
            status: response.status, headers: RecordedCall.headers(response.headers, mask), body: .init(kept), isBlotted: kept != text)
    }

    /// An answer with all that the script got.
    init(whole response: OutboundResponse) {
        var body = RecordedCall.Body()
        body.text = String(decoding: response.body, as: UTF8.self)
        body.bytes = response.body.count
        self.init(status: response.status, headers: response.headers, body: body)
    }

    /// The answer as a script gets it again.
    var response: OutboundResponse { OutboundResponse(status: status, headers: headers, body: Array(body.text.utf8)) }
}

// MARK: - JSON

extension RecordedCall {
    /// The call as JSON.
    package var document: AttributeValue {
        var map: AttributeMap = ["kind": .string(kind.rawValue), "method": .string(method), "target": .string(target)]
        if !headers.isEmpty { map.append("headers", Self.document(headers)) }
        body.append(to: &map)
        if let answer {
            var inner: AttributeMap = ["status": .integer(Int64(answer.status))]
            if !answer.headers.isEmpty { inner.append("headers", Self.document(answer.headers)) }
            answer.body.append(to: &inner)
            if answer.isBlotted { inner.append("blotted", true) }
            map.append("answer", .complex(inner))
        }
        if let problem { map.append("problem", .string(problem)) }
        if isAnswerMadeUp { map.append("answerMadeUp", true) }
        return .complex(map)
    }

    /// Reads what ``document`` is; nil where it is something else.
    init?(_ document: AttributeValue) {
        guard let kind = document["kind"]?.string.flatMap(Kind.init), let method = document["method"]?.string,
            let target = document["target"]?.string
        else { return nil }
        let answer = document["answer"].map { inner -> Answer in
            let body = Body(inner)
            return Answer(
                status: Int(inner["status"]?.integer ?? 0), headers: Self.headers(inner["headers"]), body: body,
                isBlotted: inner["blotted"] == true || body.text != inner["body"]?.string ?? "")
        }
        self.init(
            kind: kind, method: method, target: target.withoutTokens, headers: Self.headers(document["headers"]),
            body: Body(document), answer: answer,
            problem: document["problem"]?.string, isAnswerMadeUp: document["answerMadeUp"] == true)
    }

    /// Pairs, since one name may come twice.
    private static func document(_ headers: [HTTPHeader]) -> AttributeValue {
        .array(headers.map { [.string($0.name), .string($0.value)] })
    }

    private static func headers(_ value: AttributeValue?) -> [HTTPHeader] {
        (value?.array ?? []).compactMap { pair in
            guard let name = pair.array?.first?.string, let value = pair.array?.last?.string else { return nil }
            return HTTPHeader(name, value)
        }
    }
}

extension RecordedCall.Body {
    /// Reads what is kept. Records of earlier versions of Muster may hold tokens, which end here.
    fileprivate init(_ document: AttributeValue) {
        text = document["body"]?.string?.withoutTokens ?? ""
        bytes = document["bodyBytes"]?.integer.map { Int($0) } ?? text.utf8.count
        digest = document["bodyDigest"]?.string
    }

    fileprivate func append(to map: inout AttributeMap) {
        if !text.isEmpty { map.append("body", .string(text)) }
        guard let digest else { return }
        map.append("bodyBytes", .integer(Int64(bytes)))
        map.append("bodyDigest", .string(digest))
    }
}
