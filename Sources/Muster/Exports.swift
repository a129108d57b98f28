// What an embedding application needs beside `ServiceProvider`: the values of SCIM, the promises of the store, and the
// store itself, so that `import Muster` is enough.
@_exported public import MusterCore
@_exported public import MusterSQLite
@_exported public import SCIM
