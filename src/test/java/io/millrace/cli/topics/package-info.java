@NullMarked
package io.millrace.cli.topics;

import org.jspecify.annotations.NullMarked;
