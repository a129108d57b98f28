import MusterCore
import MusterLua

extension HostAPI {
    /// `url_encode(text)`.
    mutating func addURL() {
        sync("url_encode") { _, arguments in .string(PercentEncoding.encode(try arguments.string(0, "url.encode: the argument"))) }
    }
}
