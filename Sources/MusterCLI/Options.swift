import ArgumentParser
import Foundation
import Muster

/// Where a server keeps its data.
struct DataOptions: ParsableArguments {
    @Option(help: "The data folder.")
    var data = "./var"

    var folder: DataFolder { DataFolder(path: data) }

    /// The store of a data folder that exists; works beside a running server.
    func openStore() throws -> SQLiteStore {
        guard folder.hasDatabase else {
            throw CommandFailure("there is no database in \(data); name the data folder of the server with --data")
        }
        return try SQLiteStore(path: folder.databasePath)
    }

    /// Runs `body` with a copy of the store for trying something out; the database is left alone. The copy goes at the end,
    /// whichever that is: what is only let go of would outlive the process.
    /// - Parameter startsEmpty: Whether an empty store will do where there is none yet.
    func withCopy<Result>(startsEmpty: Bool = false, _ body: (SQLiteStore) async throws -> Result) async throws -> Result {
        guard folder.hasDatabase || startsEmpty else {
            throw CommandFailure("there is no database in \(data); name the data folder of the server with --data")
        }
        let store = try folder.hasDatabase ? SQLiteStore.copy(ofFile: folder.databasePath) : .inMemory()
        let place = URL(filePath: store.path).deletingLastPathComponent()
        let interruption = Interruption { try? FileManager.default.removeItem(at: place) }
        defer {
            try? FileManager.default.removeItem(at: place)
            withExtendedLifetime(interruption) {}
        }
        return try await body(store)
    }
}

/// The plugins folder of this path, or with another option the folder of one plugin.
func pluginsFolder(_ path: String, option: String = "--plugins") throws -> URL {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
        throw CommandFailure("there is no folder \(path); name it with \(option)")
    }
    return URL(filePath: path, directoryHint: .isDirectory)
}

/// The plugins folder of this path; none where it is the usual one and not there.
func pluginsFolderIfAny(_ path: String) throws -> URL? {
    if path == "Plugins", !FileManager.default.fileExists(atPath: path) { return nil }
    return try pluginsFolder(path)
}

/// Where settings are read from.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration.", discussion: "Default: muster.yaml in the data folder, if there is one."))
    var config: String?

    /// Reads file, environment and flags.
    func load(data: String, flags: [String: String] = [:]) throws -> Configuration {
        let usual = data + "/muster.yaml"
        let file = config ?? (FileManager.default.fileExists(atPath: usual) ? usual : nil)
        return try Configuration.load(file: file, environment: ProcessInfo.processInfo.environment, flags: flags)
    }
}

/// `NAME=TEXT`.
struct NamedText: ExpressibleByArgument {
    let name: String
    let text: String

    init?(argument: String) {
        guard let sign = argument.firstIndex(of: "="), sign > argument.startIndex else { return nil }
        (name, text) = (String(argument[..<sign]), String(argument[argument.index(after: sign)...]))
        guard !text.isEmpty else { return nil }
    }
}

/// Why a command failed, in one line.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
