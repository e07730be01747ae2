// In tests only, in place of the package: see jest.config.mjs. Nothing here is sent as an attachment.
exports.create = (name) => `attachment; filename="${name}"`;
