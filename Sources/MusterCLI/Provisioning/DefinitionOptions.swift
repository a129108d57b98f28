import ArgumentParser
import MusterProvisioner
import SCIM

/// What is decided about a target; what is not named stays.
struct DefinitionOptions: ParsableArguments {
    @Option(help: "The SCIM base URL.") var url: String?
    @Option(help: "The name of the secret with the bearer token.") var tokenSecret: String?
    @Option(help: "HTTP Basic instead: a user and the name of the secret with the password, as USER:SECRET.") var basic: NamedPair?
    @Option(help: "OAuth 2.0 client credentials instead: the URL of the token endpoint.") var oauthURL: String?
    @Option(help: "With --oauth-url: the client and the name of its secret, as CLIENT:SECRET.") var oauthClient: NamedPair?
    @Option(help: "With --oauth-url: the scope that is asked for.") var oauthScope: String?
    @Option(help: "Mutual TLS instead: the PEM file of the certificate chain.") var certificate: String?
    @Option(help: "With --certificate: the PEM file of its key.") var privateKey: String?
    @Flag(help: "No authentication at all, for tests.") var noAuthentication = false
    @Option(name: .customLong("header"), help: "A header of each request, as NAME=VALUE. Repeatable.") var headers: [NamedText] = []
    @Option(help: "A file with the template, a JSON object with macros.") var template: JSONFile?
    @Option(name: .customLong("parameter"), help: "What {$parameters.NAME} stands for in the template, as NAME=TEXT. Repeatable.")
    var parameters: [NamedText] = []
    @Option(
        name: .customLong("field"),
        help: "A field that the application has besides, such as Weight, filled from ours of that name, or as NAME=MACRO. Repeatable.")
    var fields: [CustomField] = []
    @Option(help: "By which attributes an account that is there is found, with commas, such as userName,externalId.") var matching: String?
    @Flag(inversion: .prefixedNo, help: "Whether everybody goes there.") var everyone: Bool?
    @Option(name: .customLong("group"), help: "A group of ours whose members go there. Repeatable; replaces those before.")
    var groups: [String] = []
    @Option(help: "A SCIM filter that all who go there must fulfil; \"\" for none.") var filter: String?
    @Option(help: "What leaving means for an account: deactivate, delete, nothing, or delete-after:DAYS.") var leaving: LeavingRule?
    @Flag(inversion: .prefixedNo, help: "Whether groups there are joined that are called like the person's own.") var mirrorGroups: Bool?
    @Flag(inversion: .prefixedNo, help: "Whether groups that the target lacks are made.") var createGroups: Bool?
    @Option(help: "What waits for approval, with commas: create, update, delete, groups.") var approve: String?
    @Flag(help: "Nothing waits for approval.") var noApproval = false
    @Option(help: "How many administrators have to agree.") var approvers: Int?
    @Option(help: "When an account is written.") var updates: UpdateRule?
    @Option(help: "The delete guard: more removals than this, and than its percentage, wait for approval.") var guardCount: Int?
    @Option(help: "The delete guard: which share of the active accounts, in percent.") var guardPercent: Double?
    @Flag(inversion: .prefixedNo, help: "Whether the URL may lead to a loopback or private address.") var allowPrivateAddress: Bool?

    func validate() throws {
        let ways = [tokenSecret != nil, basic != nil, oauthURL != nil, certificate != nil, noAuthentication].count { $0 }
        guard ways < 2 else {
            throw ValidationError("name one of --token-secret, --basic, --oauth-url, --certificate and --no-authentication")
        }
        guard (oauthURL == nil) == (oauthClient == nil) else { throw ValidationError("--oauth-url and --oauth-client go together") }
        guard oauthScope == nil || oauthURL != nil else { throw ValidationError("--oauth-scope goes with --oauth-url") }
        guard (certificate == nil) == (privateKey == nil) else { throw ValidationError("--certificate and --private-key go together") }
        guard !(noApproval && approve != nil) else { throw ValidationError("name --approve or --no-approval, not both") }
        _ = try approvals()
    }

    /// Puts what is named into a definition as it is saved; see ``MusterProvisioner/TargetDefinition/read(_:)``.
    func apply(to definition: inout AttributeMap) throws {
        func change(_ name: String, _ body: (inout AttributeMap) -> Void) {
            var part = definition[name]?.complex ?? [:]
            body(&part)
            definition[name] = .complex(part)
        }
        if let url { definition["baseURL"] = .string(url) }
        if let authentication { definition["authentication"] = authentication }
        for header in headers { change("headers") { $0[header.name] = .string(header.text) } }
        if let template {
            let read = try template.read()
            definition["template"] = read
            // A template that was printed has fields in it already.
            let others = (definition["customFields"]?.complex ?? [:]).members.filter { !Self.has(read, field: $0.name) }
            definition["customFields"] = others.isEmpty ? nil : .complex(AttributeMap(others))
        }
        for parameter in parameters { change("parameters") { $0[parameter.name] = .string(parameter.text) } }
        for field in fields { change("customFields") { $0[field.name] = .string(field.macro) } }
        if let matching { definition["matching"] = .array(matching.split(separator: ",").map { .string(String($0)) }) }
        if let everyone { change("scope") { $0["everyone"] = .boolean(everyone) } }
        if !groups.isEmpty { change("scope") { $0["groups"] = .array(groups.map { .string($0) }) } }
        if let filter { change("scope") { $0["filter"] = filter.isEmpty ? nil : .string(filter) } }
        if let leaving { definition["leaving"] = leaving.json }
        if let mirrorGroups { change("groups") { $0["mirror"] = .boolean(mirrorGroups) } }
        if let createGroups { change("groups") { $0["create"] = .boolean(createGroups) } }
        if let wanted = try approvals() {
            change("approval") { part in
                for kind in PlannedOperation.Approval.allCases.map(\.rawValue) { part[kind] = .boolean(wanted.contains(kind)) }
            }
        }
        if let approvers { change("approval") { $0["approvers"] = .integer(Int64(approvers)) } }
        if let updates { definition["updates"] = .string(updates.rawValue) }
        if let guardCount { change("guard") { $0["count"] = .integer(Int64(guardCount)) } }
        if let guardPercent { change("guard") { $0["percent"] = .decimal(guardPercent) } }
        if let allowPrivateAddress { definition["allowPrivateAddress"] = .boolean(allowPrivateAddress) }
    }

    /// Whether a template has a field of its own of this name, which stands behind an extension's URN and a colon where it is one of
    /// its.
    private static func has(_ template: AttributeValue, field name: String) -> Bool {
        guard name.hasPrefix("urn:"), let colon = name.lastIndex(of: ":") else { return template[name] != nil }
        return template[String(name[..<colon])]?[String(name[name.index(after: colon)...])] != nil
    }

    private var authentication: AttributeValue? {
        if let tokenSecret { return ["type": "bearer", "token": .string(tokenSecret)] }
        if let basic { return ["type": "basic", "user": .string(basic.name), "password": .string(basic.secret)] }
        if let oauthURL, let oauthClient {
            var map: AttributeMap = [
                "type": "oauth", "tokenURL": .string(oauthURL), "clientID": .string(oauthClient.name),
                "clientSecret": .string(oauthClient.secret),
            ]
            if let oauthScope { map.append("scope", .string(oauthScope)) }
            return .complex(map)
        }
        if let certificate, let privateKey {
            return ["type": "certificate", "certificate": .string(certificate), "key": .string(privateKey)]
        }
        return noAuthentication ? ["type": "none"] : nil
    }

    private func approvals() throws -> [String]? {
        if noApproval { return [] }
        guard let approve else { return nil }
        let (wanted, known) = (approve.split(separator: ",").map { String($0) }, PlannedOperation.Approval.allCases.map(\.rawValue))
        if let wrong = wanted.first(where: { !known.contains($0) }) {
            throw ValidationError("--approve: there is no '\(wrong)'; known are: \(known.joined(separator: ", "))")
        }
        return wanted
    }
}

/// `NAME:SECRET`: who signs in, and the name of the secret with which.
struct NamedPair: ExpressibleByArgument {
    let name: String
    let secret: String

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), colon > argument.startIndex else { return nil }
        (name, secret) = (String(argument[..<colon]), String(argument[argument.index(after: colon)...]))
        guard !secret.isEmpty else { return nil }
    }
}

/// A field of the application, and what stands in it.
struct CustomField: ExpressibleByArgument {
    let name: String
    let macro: String

    init?(argument: String) {
        guard let sign = argument.firstIndex(of: "=") else {
            (name, macro) = (argument, "{$user.custom_fields.\(argument)}")
            return
        }
        (name, macro) = (String(argument[..<sign]), String(argument[argument.index(after: sign)...]))
        guard !name.isEmpty, !macro.isEmpty else { return nil }
    }
}

/// What leaving the scope means.
struct LeavingRule: ExpressibleByArgument {
    let json: AttributeValue

    init?(argument: String) {
        switch argument {
        case "deactivate", "delete", "nothing": json = .string(argument)
        default:
            guard argument.hasPrefix("delete-after:"), let days = Int64(argument.dropFirst("delete-after:".count)), days > 0 else {
                return nil
            }
            json = ["deleteAfterDays": .integer(days)]
        }
    }
}

/// When accounts are written.
enum UpdateRule: String, ExpressibleByArgument, CaseIterable {
    case always
    case onlyChanges = "only-changes"
}
