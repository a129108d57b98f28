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
    @Option(name: .customLong("header"), help: "A header of each request, as NAME=VALUE. Repeatable.") var headers: [NamedText] = []
    @Option(help: "A file with the template, a JSON object with macros.") var template: JSONFile?
    @Option(name: .customLong("parameter"), help: "What {$parameters.NAME} stands for in the template, as NAME=TEXT. Repeatable.")
    var parameters: [NamedText] = []
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
    @Option(help: "When an account is written: always, or only-changes.") var updates: UpdateRule?
    @Option(help: "The delete guard: more removals than this, and than its percentage, wait for approval.") var guardCount: Int?
    @Option(help: "The delete guard: which share of the active accounts, in percent.") var guardPercent: Double?
    @Flag(inversion: .prefixedNo, help: "Whether the URL may lead to a loopback or private address.") var allowPrivateAddress: Bool?

    func validate() throws {
        let ways = [tokenSecret != nil, basic != nil, oauthURL != nil, certificate != nil].count { $0 }
        guard ways < 2 else { throw ValidationError("name one of --token-secret, --basic, --oauth-url and --certificate") }
        guard (oauthURL == nil) == (oauthClient == nil) else { throw ValidationError("--oauth-url and --oauth-client go together") }
        guard oauthScope == nil || oauthURL != nil else { throw ValidationError("--oauth-scope goes with --oauth-url") }
        guard (certificate == nil) == (privateKey == nil) else { throw ValidationError("--certificate and --private-key go together") }
        guard !(noApproval && approve != nil) else { throw ValidationError("name --approve or --no-approval, not both") }
        _ = try approvals()
        _ = try parsedFilter()
    }

    /// Puts what is named into a definition.
    func apply(to definition: inout TargetDefinition) throws {
        if let url { definition.baseURL = url.hasSuffix("/") ? String(url.dropLast()) : url }
        if let authentication { definition.authentication = authentication }
        for header in headers { definition.headers[header.name] = header.text }
        if let template { definition.template.document = try template.read() }
        for parameter in parameters { definition.template.parameters[parameter.name] = parameter.text }
        if let matching { definition.matching = matching.split(separator: ",").map { String($0) } }
        if let everyone { definition.scope.everyone = everyone }
        if !groups.isEmpty { definition.scope.groups = groups }
        if filter != nil { definition.scope.filter = try parsedFilter() }
        if let leaving { definition.leaving = leaving.leaving }
        if let mirrorGroups { definition.groups.mirror = mirrorGroups }
        if let createGroups { definition.groups.create = createGroups }
        if let wanted = try approvals() {
            definition.approval.create = wanted.contains("create")
            definition.approval.update = wanted.contains("update")
            definition.approval.delete = wanted.contains("delete")
            definition.approval.groups = wanted.contains("groups")
        }
        if let approvers { definition.approval.approvers = approvers }
        if let updates { definition.updates = updates.updates }
        if let guardCount { definition.guard.count = guardCount }
        if let guardPercent { definition.guard.percent = guardPercent }
        if let allowPrivateAddress { definition.allowsPrivateAddress = allowPrivateAddress }
    }

    private var authentication: TargetDefinition.Authentication? {
        if let tokenSecret { return .bearer(token: tokenSecret) }
        if let basic { return .basic(user: basic.name, password: basic.secret) }
        if let oauthURL, let oauthClient {
            return .clientCredentials(tokenURL: oauthURL, clientID: oauthClient.name, clientSecret: oauthClient.secret, scope: oauthScope)
        }
        if let certificate, let privateKey { return .certificate(chain: certificate, key: privateKey) }
        return nil
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

    private func parsedFilter() throws -> Filter? {
        guard let filter, !filter.isEmpty else { return nil }
        do throws(SCIMError) { return try Filter(parsing: filter) } catch { throw ValidationError("--filter: \(error.detail)") }
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

/// What leaving the scope means.
struct LeavingRule: ExpressibleByArgument {
    let leaving: TargetDefinition.Leaving

    init?(argument: String) {
        switch argument {
        case "deactivate": leaving = .deactivate
        case "delete": leaving = .delete
        case "nothing": leaving = .nothing
        default:
            guard argument.hasPrefix("delete-after:"), let days = Int(argument.dropFirst("delete-after:".count)), days > 0 else {
                return nil
            }
            leaving = .deleteAfter(days: days)
        }
    }
}

/// When accounts are written.
struct UpdateRule: ExpressibleByArgument {
    let updates: TargetDefinition.Updates

    init?(argument: String) {
        guard let updates = TargetDefinition.Updates(rawValue: argument) else { return nil }
        self.updates = updates
    }
}
