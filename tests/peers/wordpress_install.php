<?php
/* Installs a fresh site and prints the logins as JSON. Arguments: host, site folder. */
$_SERVER['HTTP_HOST'] = $argv[1];
$_SERVER['REQUEST_URI'] = '/';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$_SERVER['REQUEST_METHOD'] = 'GET';
define('WP_INSTALLING', true);
require $argv[2] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Testnäs kommun', 'moderator', 'moderator@example.org', true, '', 'moderator-pass-123');
update_option('permalink_structure', '/%postname%/');
update_option('default_comment_status', 'open');
update_option('comment_moderation', '0');
update_option('comment_previously_approved', '0');
update_option('comment_max_links', '0');
if (!wp_get_theme()->exists()) { switch_theme('plain'); }
flush_rewrite_rules(false);
$reader = wp_insert_user(['user_login' => 'reader', 'user_pass' => 'reader-pass-123',
    'user_email' => 'reader@example.org', 'role' => 'subscriber']);
$moderator = get_user_by('login', 'moderator')->ID;
[$password] = WP_Application_Passwords::create_new_application_password($moderator, ['name' => 'kanalvakt']);
[$weak] = WP_Application_Passwords::create_new_application_password($reader, ['name' => 'kanalvakt']);
echo json_encode(['password' => $password, 'weak' => $weak, 'version' => get_bloginfo('version')]), "\n";
