package import Foundation
import MusterCore

/// Where secrets come from: the environment, or files.
package enum SecretSource {
    /// Secrets as `MUSTER_SECRET_<NAME>` in the environment, or else as a file called `<NAME>` in a folder, without
    /// the line break at its end. Files are read anew each time a plugin is loaded, so that it can be given another secret by a reload.
    package static func environment(_ environment: [String: String], folder: URL? = nil) -> @Sendable (String) -> String? {
        { name in
            guard SecretName.isValid(name) else { return nil }
            if let value = environment["MUSTER_SECRET_\(name)"], !value.isEmpty { return value }
            guard let file = folder?.appending(path: name), let data = try? Data(contentsOf: file), data.count <= 64 << 10 else {
                return nil
            }
            let text = String(decoding: data, as: UTF8.self)
            let value = text.hasSuffix("\n") ? String(text.dropLast()) : text
            return value.isEmpty ? nil : value
        }
    }
}

/// Blots out secrets wherever a plugin could have put them into a text: in the log, in an error, in a reason.
struct SecretMask: Sendable {
    private let values: [String]

    /// - Parameter values: The secrets; very short ones are left alone, since blotting them out would destroy any text.
    init(_ values: [String]) { self.values = values.filter { $0.utf8.count >= 4 }.sorted { $0.utf8.count > $1.utf8.count } }

    /// The text without secrets.
    func masked(_ text: String) -> String {
        values.reduce(text) { $0.contains($1) ? $0.replacing($1, with: "***") : $0 }
    }
}
