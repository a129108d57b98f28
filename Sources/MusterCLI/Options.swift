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

/// Why a command failed, in one line.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
