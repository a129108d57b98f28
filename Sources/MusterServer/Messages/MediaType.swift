import HTTPTypes
import SCIM

/// The media types of SCIM messages (RFC 7644 §3.1, §8.1).
package enum MediaType: String, Sendable {
    /// SCIM's own.
    case scim = "application/scim+json; charset=utf-8"
    /// That of any JSON.
    case json = "application/json; charset=utf-8"

    /// The type in which a request wants its answer.
    ///
    /// It is SCIM's own, which Entra ID demands, except where `Accept` names `application/json` and nothing that would
    /// allow SCIM's, as OneLogin does. A client that accepts neither gets SCIM's all the same: it can read the status.
    init(accept: String?) {
        guard let accept else { self = .scim; return }
        let ranges = accept.split(separator: ",").map { Self.essence($0) }
        let takesSCIM = ranges.contains { $0 == "application/scim+json" || $0 == "application/*" || $0 == "*/*" }
        self = !takesSCIM && ranges.contains("application/json") ? .json : .scim
    }

    /// Refuses a body that is declared to be anything but JSON; a client that declares nothing is believed.
    /// - Throws: `SCIMError` 415.
    static func check(contentType: String?) throws(SCIMError) {
        guard let contentType, !contentType.isEmpty else { return }
        guard ["application/scim+json", "application/json"].contains(essence(contentType[...])) else {
            throw SCIMError(status: 415, detail: "send the body as application/scim+json or application/json")
        }
    }

    /// A media type or range in lower case, without parameters and blanks.
    private static func essence(_ text: Substring) -> String {
        let type = text.prefix { $0 != ";" }
        return type.filter { $0 != " " && $0 != "\t" }.lowercased()
    }
}
