import Foundation
import Logging
public import SCIM

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What a running server answered to a request to read its plugins anew, as it stands in the data folder.
public struct ReloadAnswer: Sendable, Hashable {
    /// Whether something is broken and was not taken up.
    public var isRefused: Bool
    /// How each plugin stands, with what has to be repaired.
    public var lines: [String]
    /// The answer as JSON.
    public var document: AttributeValue
}

extension DataFolder {
    private var requestPath: String { path + "/plugin-reload.request" }
    private var answerPath: String { path + "/plugin-reload.json" }

    /// Asks the server that has this folder to read its configuration and its plugins anew, and waits for the outcome.
    /// - Throws: ``Failure`` when no server has it, or when it does not answer in time.
    public func requestReload(timeout: Duration = .seconds(60)) async throws -> ReloadAnswer {
        // Those who ask take turns, since there is one signal and one answer.
        let descriptor = openRequest()
        guard descriptor >= 0 else {
            throw Failure(description: errno == ENOENT ? noServer : "cannot open \(requestPath): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let deadline = ContinuousClock.now + timeout
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard .now < deadline else { throw Failure(description: "others are reloading the plugins of \(path) all the time") }
            try await Task.sleep(for: .milliseconds(50))
        }
        guard let server else { throw Failure(description: noServer) }
        let request = Array(UUID().uuidString.utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, request, request.count, 0) == request.count else {
            throw Failure(description: "cannot write \(requestPath): \(String(cString: strerror(errno)))")
        }
        guard kill(server, SIGHUP) == 0 else {
            throw Failure(
                description: "cannot signal the server, process \(server): \(String(cString: strerror(errno))); "
                    + "run this as the server's user, and beside it where it runs in a container")
        }
        while ContinuousClock.now < deadline {
            if let answer = answer(to: String(decoding: request, as: UTF8.self)) { return answer }
            guard self.server == server else { throw Failure(description: "the server, process \(server), ended meanwhile; see its log") }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Failure(description: "the server, process \(server), did not answer within \(timeout); see its log")
    }

    /// Opens the file by which the server is asked, or makes it.
    ///
    /// It belongs to the owner of the folder, as whom the server runs, also where root asks first: else only root could ask from
    /// then on, and the server could not read what was asked.
    private func openRequest() -> Int32 {
        let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW
        let made = open(requestPath, flags | O_CREAT | O_EXCL, 0o600)
        guard made >= 0 else { return errno == EEXIST ? open(requestPath, flags) : made }
        let folder = try? FileManager.default.attributesOfItem(atPath: path)
        if let owner = folder?[.ownerAccountID] as? UInt, let group = folder?[.groupOwnerAccountID] as? UInt, owner != geteuid() {
            _ = fchown(made, uid_t(owner), gid_t(group))
        }
        return made
    }

    private var noServer: String {
        "no server has the data folder \(path); start it with 'muster serve', or name its folder with --data"
    }

    private func answer(to request: String) -> ReloadAnswer? {
        guard let data = FileManager.default.contents(atPath: answerPath), let document = try? AttributeValue(json: Array(data)),
            document["request"]?.string == request
        else { return nil }
        return ReloadAnswer(
            isRefused: document["refused"] == true, lines: document["lines"]?.array?.compactMap(\.string) ?? [], document: document)
    }

    /// What was asked last; "" for nothing.
    var reloadRequest: String {
        FileManager.default.contents(atPath: requestPath).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Writes down what came of a reload, for whoever asked.
    func write(_ answer: ReloadAnswer, to request: String) throws {
        var document = answer.document.complex ?? [:]
        document.append("request", .string(request))
        document.append("refused", .boolean(answer.isRefused))
        document.append("lines", .array(answer.lines.map { .string($0) }))
        try Data(AttributeValue.complex(document).jsonBytes).write(to: URL(filePath: answerPath), options: .atomic)
    }
}

// MARK: How plugins stand

extension DataFolder {
    private var statusPath: String { path + "/plugins.json" }

    /// Writes down how the plugins of a server stand, for `muster plugin list`.
    func note(plugins: [ServiceProvider.PluginStatus], _ logger: Logger) {
        let document = AttributeValue.complex(["plugins": .array(plugins.map(\.document))])
        do { try Data(document.jsonBytes).write(to: URL(filePath: statusPath), options: .atomic) } catch {
            logger.warning("how the plugins stand cannot be written: \(error)")
        }
    }

    /// Which version of each plugin the server runs that has this folder, or why none; nil when no server has it.
    package var pluginsServed: [String: String]? {
        guard server != nil, let data = FileManager.default.contents(atPath: statusPath),
            let plugins = try? AttributeValue(json: Array(data))["plugins"]?.array
        else { return nil }
        let pairs = plugins.map { plugin in
            let version = plugin["version"]?.string ?? ""
            let state =
                plugin["refused"] == true
                ? "\(version), last good" : plugin["loaded"] == true ? version : plugin["failed"] == true ? "failed" : "off"
            return (plugin["name"]?.string ?? "", state)
        }
        return Dictionary(pairs) { first, _ in first }
    }
}

extension ServiceProvider.PluginStatus {
    /// The status as JSON.
    fileprivate var document: AttributeValue {
        [
            "name": .string(name), "version": .string(version), "loaded": .boolean(isLoaded), "failed": .boolean(isFailed),
            "refused": .boolean(isRefused), "line": .string(line), "findings": .array(findings.map { .string($0) }),
        ]
    }
}

extension ServiceProvider {
    /// Answers the signal by which ``DataFolder/requestReload(timeout:)`` and others ask for a reload: reads the configuration
    /// and all plugins anew, logs what came of it, and writes it down in the data folder.
    /// - Parameter configuration: Reads the configuration.
    public func answerReloadRequest(in data: DataFolder, configuration: () throws -> Configuration) async {
        let request = data.reloadRequest
        let answer: ReloadAnswer
        do {
            let outcome = try await reloadPlugins(configuration())
            answer = ReloadAnswer(outcome)
            if !outcome.needingRestart.isEmpty {
                logger.warning("changes of the configuration need a restart: \(outcome.needingRestart.joined(separator: ", "))")
            }
        } catch {
            let findings = (error as? ConfigurationError)?.findings ?? ["\(error)"]
            answer = ReloadAnswer(
                isRefused: true, lines: findings + ["nothing was taken up; all goes on as before"],
                document: ["findings": .array(findings.map { .string($0) }), "plugins": []])
            for finding in findings { logger.error("nothing is reloaded: \(finding)") }
        }
        do { try data.write(answer, to: request) } catch { logger.error("the outcome of the reload cannot be written: \(error)") }
    }
}

extension ReloadAnswer {
    init(_ outcome: PluginReload) {
        let restart = outcome.needingRestart.map { "\($0): the change needs a restart" }
        self.init(
            isRefused: outcome.isRefused,
            lines: outcome.plugins.flatMap { plugin in [plugin.line] + plugin.findings.map { "  \($0)" } } + restart,
            document: [
                "plugins": .array(outcome.plugins.map(\.document)),
                "needingRestart": .array(outcome.needingRestart.map { .string($0) }),
            ])
    }
}
