@NullMarked
package io.millrace.cli.errors;

import org.jspecify.annotations.NullMarked;
