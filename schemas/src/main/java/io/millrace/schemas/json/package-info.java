/** Events as JSON, and prompts as OpenAI request bodies. */
@NullMarked
package io.millrace.schemas.json;

import org.jspecify.annotations.NullMarked;
